import { join } from 'node:path'
import { writeAtomically } from '../version/write-atomically.ts'
import type { OwnerDigest } from './digests.ts'

/** Tells owners what concerns them. */
export interface Notifier {
  tell(digest: OwnerDigest): Promise<void>
}

/** Writes digests to files that a bot can post, `FOLDER/OWNER.md`; what it tells an owner later goes below what it has told before. */
export function fileNotifier(folder: string): Notifier {
  const told = new Map<string, string>()
  return {
    tell({ owner, text }) {
      const whole = told.has(owner) ? `${told.get(owner)}\n${text}` : text
      told.set(owner, whole)
      return writeAtomically(join(folder, `${owner}.md`), whole)
    },
  }
}

const timeoutMs = 10_000

/** Posts each digest as JSON, `{ "owner", "contact", "text" }`. What it throws must not fail a release that is made. */
export function webhookNotifier(url: string): Notifier {
  return {
    async tell(digest) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(digest),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!answer.ok) throw new Error(`the webhook answers ${answer.status}`)
    },
  }
}
