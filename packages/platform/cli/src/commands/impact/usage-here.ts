import * as z from 'zod'
import { runningPlatforms } from '../../platform/find-platform.ts'
import { CallCounts, type RecordedUsage, together } from './recorded-usage.ts'

const counted = z.object({
  since: z.string(),
  calls: z.array(
    z.object({ caller: z.string(), callee: z.string(), endpoint: z.string(), count: z.number() }),
  ),
})

/** What the platforms that run in a workspace counted of the calls of a servlet; undefined where none tells. */
export async function usageHere(
  root: string,
  servlet: string,
): Promise<{ readonly usage: RecordedUsage | undefined; readonly notes: readonly string[] }> {
  const notes: string[] = []
  const read: RecordedUsage[] = []
  for (const { url } of await runningPlatforms(root))
    try {
      read.push(await usageAt(url, servlet))
    } catch (error) {
      notes.push(`no recorded usage of ${url}: ${(error as Error).message}`)
    }
  return { usage: together(read), notes }
}

async function usageAt(url: string, servlet: string): Promise<RecordedUsage> {
  const response = await fetch(`${url}/-/calls`, { signal: AbortSignal.timeout(10_000) })
  const parsed = counted.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success)
    throw new Error(`HTTP ${response.status} at /-/calls; start it again with this version of Atlas`)
  const calls = new CallCounts()
  for (const { caller, callee, endpoint, count } of parsed.data.calls)
    if (callee === servlet) calls.add(caller, endpoint, count)
  return { sources: [url], since: parsed.data.since, calls: calls.byCaller }
}
