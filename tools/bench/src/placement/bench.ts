import { join } from 'node:path'
import type { Bench, BenchOptions, Measured } from '../bench.ts'
import { type Case, interleave, series } from '../rounds.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { type Cell, type Effort, measureAtlas, measureProcesses, measureWorkers } from './cells.ts'
import { manyServlets } from './many-servlets.ts'

/** So many plain processes and threads are started; more would take the memory of the machine. */
const mostPlain = 200

/** What many servlets on one machine cost. */
export const placement: Bench = {
  name: 'placement',
  summary:
    'Runs 1 to 1,000 servlets merged in one process and in a process each, beside plain Node processes and worker threads.',
  run,
}

async function run({ quick, scratch, progress }: BenchOptions): Promise<Measured> {
  const counts = quick ? [1, 20] : [1, 50, 200, 1000]
  const rounds = quick ? 1 : 3
  const effort: Effort = quick
    ? { colds: 3, warms: 20, reloads: 1, asked: 5 }
    : { colds: 9, warms: 200, reloads: 3, asked: 50 }
  /** More than may be awake at once: what a full machine takes is read where there are most servlets. */
  const full: Effort = quick ? effort : { ...effort, asked: 160 }
  const cases: Case<Cell>[] = []
  for (const count of counts) {
    const root = join(scratch, String(count))
    await manyServlets(root, count)
    for (const how of ['merged', 'isolated'])
      cases.push({
        name: `${how}, ${count}`,
        measure: () => measureAtlas(root, count, how, count === counts.at(-1) ? full : effort),
      })
    if (count > mostPlain) continue
    cases.push({ name: `plain processes, ${count}`, measure: () => measureProcesses(count, effort) })
    cases.push({ name: `worker threads, ${count}`, measure: () => measureWorkers(count, effort) })
  }
  const samples = await interleave(cases, rounds, progress)
  const of = (name: string, number: (cell: Cell) => number) => series(samples, name, number)
  const most = counts.at(-1)!
  const shared = counts.filter((count) => count <= mostPlain).at(-1)!
  const against = (peer: string, number: (cell: Cell) => number) =>
    ratioOfMedians(of(`${peer}, ${shared}`, number), of(`isolated, ${shared}`, number))
  const figure = (name: string, number: (cell: Cell) => number) => median(of(name, number))

  return {
    rows: samples.map(({ case: name, round, measured }) => ({ case: name, round, ...measured })),
    ratios: {
      [`boot of ${shared} plain processes`]: against('plain processes', ({ bootMs }) => bootMs),
      [`boot of ${shared} worker threads`]: against('worker threads', ({ bootMs }) => bootMs),
      [`idle memory of ${shared} plain processes`]: against('plain processes', ({ idleMiB }) => idleMiB),
      [`idle memory of ${shared} worker threads`]: against('worker threads', ({ idleMiB }) => idleMiB),
    },
    figures: {
      bootMs: figure(`isolated, ${most}`, ({ bootMs }) => bootMs),
      mergedBootMs: figure(`merged, ${most}`, ({ bootMs }) => bootMs),
      coldMs: figure(`isolated, ${most}`, ({ coldMs }) => coldMs),
      warmMs: figure(`isolated, ${most}`, ({ warmMs }) => warmMs),
      mergedWarmMs: figure(`merged, ${most}`, ({ warmMs }) => warmMs),
      reloadMs: figure(`isolated, ${most}`, ({ reloadMs }) => reloadMs),
      mergedReloadMs: figure(`merged, ${most}`, ({ reloadMs }) => reloadMs),
      idleMiB: figure(`isolated, ${most}`, ({ idleMiB }) => idleMiB),
      awakeMiB: figure(`isolated, ${most}`, ({ askedMiB }) => askedMiB),
      mergedMiB: figure(`merged, ${most}`, ({ askedMiB }) => askedMiB),
    },
    bars: [
      { figure: 'bootMs', atMost: 3000 },
      { figure: 'coldMs', atMost: 100 },
      { figure: 'awakeMiB', atMost: 8192 },
    ],
    flags: { servlets: counts.join(', '), rounds, ...effort, askedOfMost: full.asked },
    versions: { node: process.versions.node },
    method: `
Servlets are copies of \`packages/servlets/greeter\`, each with its own name and route. Every round starts each case anew, as
\`atlas start\` does, and ends it.

- **bootMs**: from the start of the process to its line "Atlas is up". Of plain processes and threads, until all listen; two start at once.
- **idleMiB**, **askedMiB**: private pages (USS, \`/proc/PID/smaps_rollup\`) of the process and all that it started, the blank ones
  included; before the first request, and after \`asked\` servlets were asked, four at a time. Isolated, at most 150 are awake at once:
  of ${most} servlets ${full.asked} are asked, so that this bound counts.
- **coldMs**: median of the first answers of ${effort.colds} servlets. Isolated, each starts a process for it out of the pool of blank ones, which gets 0.7 s
  to fill again in between. Merged, all code is loaded already.
- **warmMs**: median of ${effort.warms} answers of one servlet over a kept connection, one after the other.
- **reloadMs**: from a save to the first answer of the new code, asked every 2 ms. It contains the 50 ms that the watcher collects changes for.

Plain servers do the same work with \`node:http\` and zod, without routes, limits, telemetry or a log: they are a floor, not a
platform. Nothing reloads there, and nothing sleeps; 1,000 of them are not started.
`,
  }
}
