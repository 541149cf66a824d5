import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logTail } from './cluster.ts'
import type { Identity } from './name.ts'

/** How often a component of a cluster has ended by itself, and how it did the last time. */
export interface Ends {
  readonly component: string
  readonly times: number
  /** As `supervise` says it, such as `status 1, signal -1`, or why it could not be started. */
  readonly last: string
}

/**
 * After so many ends a component is taken for one that cannot run. Some end once or twice until what they need is there; supervise
 * starts them again after a second.
 */
const hopelessAfter = 10

/** The components that `supervise` had to start again, as its log has it, in the order in which they ended first. */
export function parseEnds(log: string): Ends[] {
  const ends = new Map<string, Ends>()
  for (const [, component, last] of log.matchAll(/ (\S+) ended \((.*)\), starts again$/gm)) {
    const times = (ends.get(component!)?.times ?? 0) + 1
    ends.set(component!, { component: component!, times, last: last! })
  }
  return [...ends.values()]
}

/** The components of a cluster that have ended since it was started. */
export async function endsOf({ folder }: Identity): Promise<Ends[]> {
  // Not there yet: then nothing has ended.
  return parseEnds(await readFile(join(folder, 'log', 'supervise.log'), 'utf8').catch(() => ''))
}

/** A component ends again and again, so that waiting for the cluster is of no use. */
export class ComponentKeepsEnding extends Error {
  override readonly name = 'ComponentKeepsEnding'
}

/**
 * Notes how often components have ended by now, and returns a function that throws when one of them has ended so often since that it is of no
 * use to wait.
 */
export async function watchEnds(identity: Identity): Promise<() => Promise<void>> {
  const before = new Map((await endsOf(identity)).map(({ component, times }) => [component, times]))
  return async () => {
    for (const { component, times, last } of await endsOf(identity)) {
      const since = times - (before.get(component) ?? 0)
      if (since < hopelessAfter) continue
      throw new ComponentKeepsEnding(
        `${component} ended ${since} times and is started again each time (${last}). ${await logTail(identity, component)}`,
      )
    }
  }
}
