import * as z from 'zod'
import { CommandError, exitCode } from '../../exit-code.ts'
import { secondsOf } from './duration.ts'

/** How often servlets called each endpoint of another: by caller, then by endpoint. */
export type Calls = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Calls that were counted, and where. */
export interface RecordedUsage {
  /** The URLs of what counted. */
  readonly sources: readonly string[]
  /** Since when there are counts, ISO 8601; null where that is not known. */
  readonly since: string | null
  readonly calls: Calls
}

const metric = 'atlas_client_requests_total'

/** Puts together what several counted. */
export function together(usages: readonly RecordedUsage[]): RecordedUsage | undefined {
  if (usages.length === 0) return undefined
  const calls = new CallCounts()
  for (const usage of usages)
    for (const [caller, endpoints] of usage.calls)
      for (const [endpoint, count] of endpoints) calls.add(caller, endpoint, count)
  const known = usages.flatMap(({ since }) => since ?? [])
  return {
    sources: usages.flatMap(({ sources }) => sources),
    since: known.length === usages.length ? known.sort()[0]! : null,
    calls: calls.byCaller,
  }
}

/**
 * What the Prometheus of an environment counted of the calls of a servlet.
 *
 * @param over how far to look back, as Prometheus writes it: `30d`
 * @throws CommandError when it does not answer, or refuses
 */
export async function usageFrom(url: string, servlet: string, over: string): Promise<RecordedUsage> {
  const of = `${metric}{callee="${servlet}"}`
  // increase() begins with the second sample: an endpoint that a pod called once would not be there. So a series that is younger than
  // the window counts as what it reached.
  const counted = `(max_over_time(${of}[${over}]) unless ${of} offset ${over}) or increase(${of}[${over}])`
  const stepSeconds = Math.max(1, Math.ceil(secondsOf(over) / 500))
  // A subquery looks at multiples of its step only, which may all lie before the first sample of what was just found.
  const seen = 'timestamp(atlas_servlet_info)'
  const oldest = `min(min_over_time(${seen}[${over}:${stepSeconds}s]) or ${seen})`
  const [samples, [since]] = await Promise.all([
    // What the operator of Prometheus calls `endpoint` is the port that it scrapes; ours is renamed then.
    query(url, `sum by (servlet, endpoint, exported_endpoint) (${counted})`),
    query(url, oldest),
  ])
  const calls = new CallCounts()
  for (const { metric: labels, value } of samples)
    calls.add(labels.servlet, labels.exported_endpoint ?? labels.endpoint, Math.ceil(Number(value[1])))
  return {
    sources: [url],
    since: since === undefined ? null : new Date(Number(since.value[1]) * 1000).toISOString(),
    calls: calls.byCaller,
  }
}

/** Adds up counts by caller and endpoint. */
export class CallCounts {
  readonly byCaller = new Map<string, Map<string, number>>()

  add(caller: string | undefined, endpoint: string | undefined, count: number): void {
    if (caller === undefined || endpoint === undefined || !(count > 0)) return
    const endpoints = this.byCaller.get(caller) ?? new Map<string, number>()
    endpoints.set(endpoint, (endpoints.get(endpoint) ?? 0) + count)
    this.byCaller.set(caller, endpoints)
  }
}

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
})

const refusal = z.object({ status: z.literal('error'), error: z.string() })

/** Asks for an instant. https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
async function query(url: string, expression: string): Promise<z.output<typeof answer>['data']['result']> {
  let response: Response
  try {
    response = await fetch(`${url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
      signal: AbortSignal.timeout(60_000),
    })
  } catch (cause) {
    const { code } = ((cause as Error).cause ?? {}) as { code?: string }
    throw new CommandError(
      `no Prometheus answers at ${url} (${code ?? (cause as Error).message}); reach that of a cluster with kubectl port-forward, and name what it prints: --prometheus http://127.0.0.1:9090`,
      exitCode.outside,
    )
  }
  const document: unknown = await response.json().catch(() => undefined)
  const parsed = answer.safeParse(document)
  if (parsed.success) return parsed.data.data.result
  const refused = refusal.safeParse(document)
  throw new CommandError(
    refused.success
      ? `the Prometheus at ${url} refuses to say: ${refused.data.error}`
      : `${url} answers, and is no Prometheus (HTTP ${response.status} at /api/v1/query)`,
    exitCode.outside,
  )
}
