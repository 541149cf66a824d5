import { absent, findKept, moveKept, removalOf, writeText } from '../git/kept-text.ts'
import type { OwnerDigest } from '../tell/digests.ts'

const ref = 'refs/atlas/release-digests'

/** What owners have to be told of versions that were cut. */
export interface Untold {
  /** By servlet. */
  readonly versions: Readonly<Record<string, string>>
  readonly digests: readonly OwnerDigest[]
}

/**
 * Digests wait in a ref of the repository, on the remote where there is one, from before the versions are cut until
 * everybody was told: what they say is made of what the cut takes away, and who goes on may be on another machine.
 */
export class Digests {
  readonly #root: string
  readonly #remote: string | undefined
  #at = absent

  constructor(root: string, remote: string | undefined) {
    this.#root = root
    this.#remote = remote
  }

  /** What an earlier run left. @throws Error when it cannot be read, with the remedy */
  async find(): Promise<Untold | undefined> {
    const kept = await findKept(this.#root, this.#remote, ref)
    this.#at = kept?.at ?? absent
    if (kept === undefined) return undefined
    try {
      return JSON.parse(kept.text) as Untold
    } catch {
      throw new Error(`${ref} is no list of digests; ${removalOf(this.#remote, ref)}`)
    }
  }

  /** Keeps digests in place of what {@link find} has found. @throws Error when git does not */
  async keep(untold: Untold): Promise<void> {
    await this.#move(await writeText(this.#root, JSON.stringify(untold)))
  }

  /** Everybody was told. @throws Error when git does not forget it */
  async forget(): Promise<void> {
    if (this.#at !== absent) await this.#move(absent)
  }

  async #move(to: string): Promise<void> {
    if (to === this.#at) return
    const moved = await moveKept(this.#root, this.#remote, ref, to, this.#at)
    if (!moved.ok) throw new Error(`${ref} cannot be changed (${moved.stderr}); run the command again`)
    this.#at = to
  }
}
