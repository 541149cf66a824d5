import { z } from 'zod'
import { git } from '../git/git.ts'
import { absent, findKept, moveKept, removalOf, writeText } from '../git/kept-text.ts'
import type { OwnerDigest } from '../tell/digests.ts'
import { messageOf, type Telling } from '../tell/telling.ts'

const ref = 'refs/atlas/release-digests'

/** How long a digest waits for somebody who does not answer, in days, and how many of them wait. */
const longestWaitDays = 14
const mostWaiting = 1000

const EntrySchema = z.strictObject({
  /** Where its versions are cut. */
  branch: z.string(),
  /** ISO time. */
  since: z.string(),
  /** Of its versions: they are made when these are whole. */
  tags: z.array(z.string()),
  /** Whether a webhook was to hear of it, so that files are not enough. */
  posts: z.boolean(),
  digests: z.array(
    z.strictObject({
      id: z.string(),
      owner: z.string(),
      contact: z.string(),
      text: z.string(),
      /** The notifiers that have told it. */
      told: z.array(z.string()),
    }),
  ),
})

type Entry = z.infer<typeof EntrySchema>

/** What owners have to be told of versions that are about to be cut. */
export interface News {
  readonly branch: string
  readonly tags: readonly string[]
  readonly digests: readonly OwnerDigest[]
}

/**
 * Digests wait in a ref of the repository, on the remote where there is one, from before the versions are cut until
 * everybody was told: what they say is made of what the cut takes away, and who goes on may be on another machine. None is told
 * before all its versions are whole. One that a webhook does not take waits for the next run, for two weeks.
 */
export class Digests {
  readonly #root: string
  readonly #remote: string | undefined
  readonly #now: () => Date
  #at: string
  #entries: readonly Entry[]
  #added: Entry | undefined

  private constructor(
    root: string,
    remote: string | undefined,
    at: string,
    entries: readonly Entry[],
    now: () => Date,
  ) {
    this.#root = root
    this.#remote = remote
    this.#at = at
    this.#entries = entries
    this.#now = now
  }

  /** What earlier runs left. Whoever calls this has the lock. @throws Error when it cannot be read, with the remedy */
  static async open(root: string, remote: string | undefined, now = () => new Date()): Promise<Digests> {
    const kept = await findKept(root, remote, ref)
    if (kept === undefined) return new Digests(root, remote, absent, [], now)
    try {
      return new Digests(root, remote, kept.at, z.array(EntrySchema).parse(JSON.parse(kept.text)), now)
    } catch {
      throw new Error(`${ref} is no list of digests; ${removalOf(remote, ref)}`)
    }
  }

  /** Keeps what is to be told once these versions are whole. @throws Error when git does not */
  async add({ branch, tags, digests }: News, { posts }: Telling): Promise<void> {
    if (digests.length === 0) return
    const since = this.#now().toISOString()
    const whole = await this.#wholeIn()
    const added = digests.map((digest) => ({ ...messageOf(digest, since), told: [] }))
    this.#added = { branch, since, tags: [...tags], posts, digests: added }
    await this.#keep([
      // Whatever else of this branch is not whole was never cut: somebody was killed before.
      ...this.#entries.filter((entry) => entry.branch !== branch || whole(entry)),
      this.#added,
    ])
  }

  /** How many digests wait for versions that are whole. */
  async waiting(): Promise<number> {
    const whole = await this.#wholeIn()
    return this.#entries.filter(whole).flatMap(({ digests }) => digests).length
  }

  /** Tells all that is whole, and keeps what could not be told. @throws Error when git does not */
  async tellWhole(telling: Telling): Promise<void> {
    await this.#tell(telling, () => true)
  }

  /**
   * Tells what was added, if it is whole, and keeps what could not be told.
   *
   * @param texts what owners are told in its place now, by owner: what waits, and what is news only today
   * @returns the owners whose digests were among it
   * @throws Error when git does not
   */
  async tellAdded(telling: Telling, texts: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
    await this.#tell(telling, (entry) => entry === this.#added, texts)
    return new Set(this.#added?.digests.map(({ owner }) => owner))
  }

  async #tell(
    telling: Telling,
    isMeant: (entry: Entry) => boolean,
    texts?: ReadonlyMap<string, string>,
  ): Promise<void> {
    const whole = await this.#wholeIn()
    const left: Entry[] = []
    for (const entry of this.#entries) {
      const isOver = this.#now().getTime() - Date.parse(entry.since) > longestWaitDays * 86_400_000
      if (!isMeant(entry) || !whole(entry)) {
        if (!isOver) left.push(entry)
        continue
      }
      const waiting: Entry['digests'] = []
      for (const digest of entry.digests) {
        const { owner } = digest
        const told = await telling.tell({ ...digest, text: texts?.get(owner) ?? digest.text }, digest.told)
        if (telling.isDone(told) && (telling.posts || !entry.posts)) continue
        if (isOver)
          telling.giveUp(owner, `after ${longestWaitDays} days it is given up; the changelogs have it`)
        else waiting.push({ ...digest, told: [...told] })
      }
      if (waiting.length > 0) left.push({ ...entry, digests: waiting })
    }
    let count = 0
    const kept = left
      .reverse()
      .filter(({ digests }) => {
        count += digests.length
        if (count <= mostWaiting) return true
        for (const { owner } of digests)
          telling.giveUp(owner, `more than ${mostWaiting} wait, so it is given up; the changelogs have it`)
        return false
      })
      .reverse()
    await this.#keep(kept)
  }

  /** Which entries are about versions that are whole: a tag is made last. */
  async #wholeIn(): Promise<(entry: Entry) => boolean> {
    if (this.#entries.length === 0) return () => false
    const known = new Set((await git(this.#root, ['tag', '--list'])).stdout.split('\n'))
    return ({ tags }) => tags.every((tag) => known.has(tag))
  }

  async #keep(entries: readonly Entry[]): Promise<void> {
    const to = entries.length === 0 ? absent : await writeText(this.#root, JSON.stringify(entries))
    if (to !== this.#at) {
      const moved = await moveKept(this.#root, this.#remote, ref, to, this.#at)
      if (!moved.ok) throw new Error(`${ref} cannot be changed (${moved.stderr}); run the command again`)
    }
    this.#at = to
    this.#entries = entries
  }
}
