import type { Output } from '../../output.ts'

/** How the deployment of a servlet ended. */
export interface Outcome {
  readonly servlet: string
  readonly why: string
  readonly ok: boolean
  readonly seconds: number
  /** Why it failed. */
  readonly reason?: string
  /** Who holds the lock of its stack. */
  readonly lockedBy?: string
  /** What a preview found. */
  readonly text?: string
}

/** A deployment that is over. */
export interface DeployReport {
  readonly environment: string
  readonly preview: boolean
  readonly outcomes: readonly Outcome[]
  readonly same: readonly string[]
  readonly gone: readonly string[]
  readonly pruned: readonly Outcome[]
}

/** Says what was done, and of each failure why: all that is needed is on one page. */
export function report(found: DeployReport, { json }: { readonly json: boolean }, output: Output): void {
  const { outcomes, pruned, gone, same, environment, preview } = found
  const all = [...outcomes, ...pruned]
  const failed = all.filter(({ ok }) => !ok)
  if (json) {
    const { outcomes: servlets, ...rest } = found
    output.json({ ok: failed.length === 0, ...rest, servlets })
  }
  if (preview && !json) for (const { text } of outcomes) if (text !== undefined) output.print(text.trimEnd())
  for (const { servlet, reason, seconds } of failed) {
    output.note(`\n${servlet} failed after ${seconds} s:`)
    for (const line of reason!.split('\n')) output.note(`    ${line}`)
  }
  const left = gone.filter((servlet) => !pruned.some((each) => each.ok && each.servlet === servlet))
  if (left.length > 0)
    output.note(
      `in the cluster, and not in the lock: ${left.join(', ')}. atlas deploy --env ${environment} --prune takes them away`,
    )
  output.note(
    `${environment}: ${outcomes.filter(({ ok }) => ok).length} ${preview ? 'previewed' : 'deployed'}, ${same.length} as they should be, ${failed.length} failed`,
  )
}
