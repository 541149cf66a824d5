import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeAtomically } from '../version/write-atomically.ts'
import type { OwnerDigest } from './digests.ts'

/** A digest with a name that stays the same however often it is told. */
export interface Message extends OwnerDigest {
  readonly id: string
}

/** Tells owners what concerns them. */
export interface Notifier {
  /** What tells it from others. It is kept in the repository, so it must not say a secret, as addresses of webhooks are. */
  readonly name: string
  tell(message: Message): Promise<void>
}

/** The name of the notifier that writes files. */
export const filesName = 'files'

/** Writes digests to files that a bot can post, `FOLDER/OWNER.md`; what it tells an owner later goes below what it has told before. */
export function fileNotifier(folder: string): Notifier {
  const told = new Map<string, string>()
  return {
    name: filesName,
    tell({ owner, text }) {
      const whole = told.has(owner) ? `${told.get(owner)}\n${text}` : text
      told.set(owner, whole)
      return writeAtomically(join(folder, `${owner}.md`), whole)
    },
  }
}

/** How patient a webhook is with whom it posts to. */
export interface WebhookPatience {
  /** How long an answer may take. @default 10 s */
  readonly timeoutMs?: number
  /** How long to wait before the second and last attempt. @default 1 s */
  readonly delayMs?: number
}

/**
 * Posts each digest as JSON, `{ "id", "owner", "contact", "text" }`, at least once: who gets an `id` again has it already.
 * What it throws must not fail a release that is made.
 */
export function webhookNotifier(
  url: string,
  { timeoutMs = 10_000, delayMs = 1000 }: WebhookPatience = {},
): Notifier {
  const post = async (body: string): Promise<void> => {
    let answer: Response
    try {
      answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      await answer.arrayBuffer()
    } catch (error) {
      throw new Error(
        (error as Error).name === 'TimeoutError'
          ? `the webhook does not answer within ${timeoutMs} ms`
          : `the webhook cannot be reached (${reasonOf(error as Error)})`,
      )
    }
    if (!answer.ok) throw new Error(`the webhook answers ${answer.status}`)
  }
  return {
    name: `webhook ${createHash('sha256').update(url).digest('hex').slice(0, 16)}`,
    async tell({ id, owner, contact, text }) {
      const body = JSON.stringify({ id, owner, contact, text })
      try {
        await post(body)
      } catch {
        await sleep(delayMs)
        await post(body)
      }
    },
  }
}

/** What fetch says is on its cause; its own message may name the whole address. */
function reasonOf({ cause }: Error): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? 'the connection broke'
}
