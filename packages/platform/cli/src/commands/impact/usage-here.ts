import { runningPlatforms } from '../../platform/find-platform.ts'
import { type RecordedUsage, together, usageIn } from './recorded-usage.ts'

/** What the platforms that run in a workspace counted of the calls of a servlet; undefined where none tells. */
export async function usageHere(
  root: string,
  servlet: string,
): Promise<{ readonly usage: RecordedUsage | undefined; readonly notes: readonly string[] }> {
  const notes: string[] = []
  const read: RecordedUsage[] = []
  for (const { url, placement } of await runningPlatforms(root)) {
    // Processes of servlets count what they call, and the gateway tells of itself only.
    if (placement !== 'merged') {
      notes.push(
        `no recorded usage of ${url}: it runs with --placement ${placement ?? 'unknown'}, where calls are counted in each process; start it with --placement merged, or name a Prometheus`,
      )
      continue
    }
    try {
      const response = await fetch(`${url}/-/metrics`, { signal: AbortSignal.timeout(10_000) })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      read.push(usageIn(await response.text(), servlet, url))
    } catch (error) {
      notes.push(`no recorded usage of ${url}: ${(error as Error).message}`)
    }
  }
  return { usage: together(read), notes }
}
