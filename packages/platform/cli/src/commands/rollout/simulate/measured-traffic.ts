import { CommandError, exitCode } from '../../../exit-code.ts'

/** Codes that are the servlet's fault. */
const failures = new Set([
  'unknown',
  'deadline_exceeded',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
])

/** Fewer say nothing about how many fail. */
const fewestRequests = 100

/**
 * What the running platform counted of a servlet since it started. Where nothing failed, one in so many requests is taken:
 * that it is none is not known.
 *
 * @throws CommandError where there is no platform, or too little traffic
 */
export async function measuredTraffic(
  servlet: string,
  port: number,
): Promise<{ readonly rps: number; readonly failureRate: number }> {
  const url = `http://127.0.0.1:${port}/-/metrics`
  const text = await fetch(url, { signal: AbortSignal.timeout(10_000) })
    .then((response) => {
      if (!response.ok) throw new Error(`it answered ${response.status}`)
      return response.text()
    })
    .catch((error: Error) => {
      throw new CommandError(
        `no traffic can be read from ${url} (${error.message}); start the platform, or give --rps and --failure-rate`,
        exitCode.outside,
      )
    })
  return trafficIn(text, servlet, Date.now() / 1000)
}

/** The traffic of a servlet in metrics as Prometheus has them. @param now seconds since 1970 */
export function trafficIn(
  text: string,
  servlet: string,
  now: number,
): { readonly rps: number; readonly failureRate: number } {
  let requests = 0
  let failed = 0
  let started = Number.NaN
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name === 'process_start_time_seconds') started = Number(value)
    if (name !== 'atlas_server_requests_total' || label(labels, 'servlet') !== servlet) continue
    requests += Number(value)
    if (failures.has(label(labels, 'code') ?? '')) failed += Number(value)
  }
  const seconds = now - started
  if (!(requests >= fewestRequests) || !(seconds > 0))
    throw new CommandError(
      `${servlet} answered ${requests} requests since the platform started, too few to go by; give --rps and --failure-rate`,
    )
  return { rps: requests / seconds, failureRate: Math.max(failed, 1) / requests }
}

function label(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1]
}
