import { createHash } from 'node:crypto'
import type { OwnerDigest } from './digests.ts'
import { filesName, type Message, type Notifier } from './notify.ts'

/** How many digests in a row a notifier may fail to tell before it is left alone until the next run. */
const mostFailures = 3

/** What became of telling somebody. */
export type Told =
  | { readonly event: 'told'; readonly owner: string }
  | { readonly event: 'not-told'; readonly owner: string; readonly why: string }

/** Tells owners by all notifiers of one run, and knows which of them do not answer in it. */
export class Telling {
  readonly #notifiers: readonly Notifier[]
  readonly #onEvent: (event: Told) => void
  readonly #failures = new Map<Notifier, number>()

  constructor(notifiers: readonly Notifier[], onEvent: (event: Told) => void = () => {}) {
    this.#notifiers = notifiers
    this.#onEvent = onEvent
  }

  /** Whether there is anybody besides files: who waits for a webhook is not told by them. */
  get posts(): boolean {
    return this.#notifiers.some(({ name }) => name !== filesName)
  }

  /** Whether nobody of this run has still to tell what these have told. */
  isDone(told: readonly string[]): boolean {
    return this.#notifiers.every(({ name }) => told.includes(name))
  }

  /** Tells by those that have not, and resolves to the names of all that have. */
  async tell(message: Message, told: readonly string[] = []): Promise<readonly string[]> {
    const asked = this.#notifiers.filter(({ name }) => !told.includes(name))
    if (asked.length === 0) return told
    const failures: string[] = []
    const by = await Promise.all(
      asked.map(async (notifier): Promise<string[]> => {
        const failed = this.#failures.get(notifier) ?? 0
        if (failed >= mostFailures) {
          failures.push(`it has failed ${failed} times in this run`)
          return []
        }
        try {
          await notifier.tell(message)
          this.#failures.delete(notifier)
          return [notifier.name]
        } catch (error) {
          this.#failures.set(notifier, failed + 1)
          failures.push((error as Error).message)
          return []
        }
      }),
    )
    // What is released is released: whoever could not be told finds it in the changelog and in the file.
    const { owner } = message
    if (failures.length > 0) this.#onEvent({ event: 'not-told', owner, why: failures.join('; ') })
    else this.#onEvent({ event: 'told', owner })
    return [...told, ...by.flat()]
  }

  /** Nobody will tell this any more. */
  giveUp(owner: string, why: string): void {
    this.#onEvent({ event: 'not-told', owner, why })
  }
}

/** A digest with its name. @param since the ISO time at which it was made: the same news another day are other news */
export function messageOf(digest: OwnerDigest, since: string): Message {
  const { owner, contact, text } = digest
  const id = createHash('sha256')
    .update(JSON.stringify([since, owner, text]))
    .digest('hex')
    .slice(0, 32)
  return { id, owner, contact, text }
}
