import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { find, toolsNamed } from '@atlas/tools-toolchain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provisionedOf } from './fixtures.ts'
import { objectsOf } from './objects-of.ts'

// Alerts are queries, and only Prometheus itself says what they mean: its promtool evaluates them over made-up series.

const [tool] = toolsNamed(['prometheus'])
const promtool = (await find(tool!))?.binaries.promtool

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The rules of a servlet that promises such a p99, as a file; its name in the folder. */
async function rulesFor(p99 = 300): Promise<string> {
  const greeter = provisionedOf('greeter', {
    owner: 'web',
    objectives: { availabilityPercent: 99.9, latencyMs: { p99 } },
  })
  const { spec } = objectsOf(greeter).find(({ kind }) => kind === 'PrometheusRule')!
  await writeFile(join(folder, `rules-${p99}.json`), JSON.stringify(spec))
  return `rules-${p99}.json`
}

const hour = 60
const day = 24 * hour

/** Minutes between two samples: often enough for the shortest window, and seldom enough for days to be evaluated soon. */
const stepMinutes = 2

/** Requests by code: so many a minute, one entry for each stretch of minutes. */
type Traffic = Readonly<Record<string, readonly (readonly [perMinute: number, minutes: number])[]>>

/** A counter in promtool's notation. Each stretch goes on from where the one before it ended. */
function counter(stretches: Traffic[string]): string {
  let at = 0
  return stretches
    .map(([perMinute, minutes]) => {
      const text = `${at}+${perMinute * stepMinutes}x${minutes / stepMinutes - 1}`
      at += perMinute * minutes
      return text
    })
    .join(' ')
}

const labels = (more: string) =>
  `{namespace="servlet-greeter",servlet="greeter",pod="greeter-6d-1",endpoint="greet",${more}}`

function requests(traffic: Traffic): object[] {
  return Object.entries(traffic).map(([code, stretches]) => ({
    series: `atlas_server_requests_total${labels(`code="${code}"`)}`,
    values: counter(stretches),
  }))
}

/** Answers that took up to an edge of the histogram, and longer, for so many minutes. The edge is written as Prometheus has it. */
function durations(
  edge: string,
  { fast, slow, minutes }: { fast: number; slow: number; minutes: number },
): object[] {
  const series = (name: string, more: string, perMinute: number) => ({
    series: `atlas_server_request_duration_seconds_${name}${labels(`outcome="ok"${more}`)}`,
    values: counter([[perMinute, minutes]]),
  })
  return [
    series('bucket', `,le="${edge}"`, fast),
    series('bucket', ',le="+Inf"', fast + slow),
    series('count', '', fast + slow),
  ]
}

/** What of an alert fires at a minute, as `severity window owner servlet`. */
async function firing(
  inputs: readonly object[],
  minute: number,
  alert: string,
  rules?: string,
): Promise<string[]> {
  const file = join(folder, `${crypto.randomUUID()}.json`)
  // promtool has no "tell me": an expectation that never holds makes it say what it got.
  const test = {
    rule_files: [rules ?? (await rulesFor())],
    // Days are looked at from time to time only.
    evaluation_interval: minute > 2 * day ? '20m' : '5m',
    tests: [
      {
        interval: `${stepMinutes}m`,
        input_series: inputs,
        alert_rule_test: [
          { eval_time: `${minute}m`, alertname: alert, exp_alerts: [{ exp_labels: { never: 'this' } }] },
        ],
      },
    ],
  }
  await writeFile(file, JSON.stringify(test))
  const run = promisify(execFile)(promtool!, ['test', 'rules', file], { cwd: folder, maxBuffer: 1 << 24 })
  const text = await run.then(
    () => {
      throw new Error('promtool found what is never there')
    },
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  )
  const got = text.split(/got:/)[1]
  if (got === undefined) throw new Error(text)
  return [...got.matchAll(/Labels:\{([^}]*)\}/g)].map(([, found]) => {
    const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(found!)?.[1]
    return [value('severity'), value('window'), value('owner'), value('servlet')].join(' ')
  })
}

describe.skipIf(promtool === undefined)(
  `alerts, as promtool evaluates them${promtool === undefined ? ' (skipped: npm run toolchain -- build prometheus)' : ''}`,
  { timeout: 300_000 },
  () => {
    it('are rules that promtool accepts', async () => {
      const { stdout } = await promisify(execFile)(promtool!, [
        'check',
        'rules',
        join(folder, await rulesFor()),
      ])
      expect(stdout).toContain('6 rules found')
    })

    it('page the owner within the hour when much fails', async () => {
      const traffic = requests({
        ok: [
          [1000, day],
          [900, 90],
        ],
        internal: [
          [0, day],
          [100, 90],
        ],
      })
      expect(await firing(traffic, day - 10, 'ServletFailing')).toEqual([])
      expect(await firing(traffic, day + 30, 'ServletFailing')).toContain('page 1h web greeter')
    })

    it('end soon after what they are about', async () => {
      const burst = requests({
        ok: [
          [1000, day],
          [500, 20],
          [1000, 120],
        ],
        unavailable: [
          [0, day],
          [500, 20],
          [0, 120],
        ],
      })
      expect(await firing(burst, day + 15, 'ServletFailing')).toContain('page 1h web greeter')
      // The hour still has far more failures than its share, and the five minutes have none.
      expect(await firing(burst, day + 40, 'ServletFailing')).not.toContain('page 1h web greeter')
    })

    it('write a ticket, and wake nobody, when a little fails for days', async () => {
      const slowBurn = requests({ ok: [[9975, 4 * day]], internal: [[25, 4 * day]] })
      expect(await firing(slowBurn, 4 * day - 20, 'ServletFailing')).toEqual(['ticket 3d web greeter'])
    })

    it('say nothing of what callers do wrong, of failures within the budget, and of no traffic', async () => {
      const wrong = requests({ ok: [[500, day]], invalid_argument: [[400, day]], not_found: [[100, day]] })
      expect(await firing(wrong, day - 10, 'ServletFailing')).toEqual([])
      const few = requests({ ok: [[9995, 4 * day]], internal: [[5, 4 * day]] })
      expect(await firing(few, 4 * day - 20, 'ServletFailing')).toEqual([])
      const none = requests({ ok: [[0, day]], internal: [[0, day]] })
      expect(await firing(none, day - 10, 'ServletFailing')).toEqual([])
      expect(await firing([], 10, 'ServletFailing')).toEqual([])
    })

    it.each([
      [300, '0.3'],
      // Histograms count up to their edges only; the next one is the promise that can be counted.
      [350, '0.4'],
      // As Prometheus 2 and 3 write whole edges.
      [1000, '1'],
      [1000, '1.0'],
    ])('page when too many are slower than %s ms, by the edge %s', async (p99, edge) => {
      const rules = await rulesFor(p99)
      const slow = durations(edge, { fast: 700, slow: 300, minutes: 8 * hour })
      expect(await firing(slow, 7 * hour, 'ServletSlow', rules)).toContain('page 1h web greeter')
      const fine = durations(edge, { fast: 995, slow: 5, minutes: 8 * hour })
      expect(await firing(fine, 7 * hour, 'ServletSlow', rules)).toEqual([])
    })
  },
)
