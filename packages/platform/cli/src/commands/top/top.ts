import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findPlatform } from '../../platform/find-platform.ts'
import type { PlatformOptions } from '../../platform/options.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { statusOf } from './status.ts'
import { sortingOf, statusTable } from './status-table.ts'

/** Options of `atlas top`. */
export interface TopOptions extends PlatformOptions {
  readonly cwd: string
  readonly once?: true
  /** In seconds. */
  readonly interval: number
  readonly sort: string
  readonly json: boolean
}

/** `atlas top`: what each servlet of the running platform does. */
export async function top(options: TopOptions, output: Output): Promise<number> {
  const { once, interval, sort, json } = options
  const order = sortingOf(sort)
  // Outside of a workspace a platform can be looked at too.
  const root = await findRoot(options.cwd).catch(() => undefined)
  const url = await findPlatform(root, options)
  const look = async () => {
    const status = await statusOf(url)
    return { ...status, servlets: status.servlets.toSorted(order) }
  }
  if (json) output.json(await look())
  else if (once || !process.stdout.isTTY)
    for (const line of statusTable((await look()).servlets)) output.print(line)
  else await live(url, interval, async () => statusTable((await look()).servlets), output)
  return exitCode.done
}

/** Draws over itself until the person has seen enough. */
async function live(
  url: string,
  interval: number,
  table: () => Promise<string[]>,
  output: Output,
): Promise<void> {
  let drawn = 0
  for (;;) {
    const rows = process.stdout.rows ?? 24
    const columns = process.stdout.columns ?? 80
    const all = [`${url}  (Ctrl-C ends this)`, '', ...(await table())]
    const hidden = all.length - (rows - 2)
    const lines =
      hidden > 0
        ? [...all.slice(0, rows - 2), `${hidden} more lines: make the terminal higher, or use --once`]
        : all
    // Up to the first line that was drawn, and away with what is below.
    if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[0J`)
    for (const line of lines) output.print(clipped(line, columns))
    drawn = lines.length
    await sleep(interval * 1000)
  }
}

/** A line that wrapped would be two, and drawing over it would leave one. */
function clipped(line: string, columns: number): string {
  // The heading is dim, which takes no place.
  return line.startsWith('\u001b') ? line : line.slice(0, columns - 1)
}
