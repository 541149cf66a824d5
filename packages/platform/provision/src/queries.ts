import { names } from './names.ts'

/** Pods of the servlet's own Deployment, which is the canary where Flagger has made a primary. */
const canaryPods = (servlet: string) => `${servlet}-[a-z0-9]+-[a-z0-9]+`

/**
 * How many pods' worth of work there is: the sum over pods of how saturated each is, which is the greater of the share of time in which its
 * event loop is busy, and the share that requests in flight have of those that its limiter lets run at once. `arm` leaves out what the
 * other arm does; without it both are summed.
 */
export function saturation(servlet: string, arm?: 'canary'): string {
  const pods = arm === 'canary' ? `,pod=~"${canaryPods(servlet)}"` : ''
  const of = `namespace="${names.namespace(servlet)}"${pods}`
  const loop = `max by (pod) (rate(nodejs_eventloop_time_seconds_total{${of},nodejs_eventloop_state="active"}[1m]))`
  const places = `max by (pod) (avg_over_time(atlas_limiter_in_flight{${of}}[1m]) / avg_over_time(atlas_limiter_limit{${of}}[1m]))`
  // Both have the label pod alone; without another one, "or" would take the second for a repetition of the first.
  const named = (name: string, query: string) => `label_replace(${query}, "by", "${name}", "", "")`
  return `sum(max by (pod) (${named('loop', loop)} or ${named('places', places)}))`
}

/** Codes that are the servlet's fault. */
const faults = 'unknown|deadline_exceeded|unimplemented|internal|unavailable|data_loss'

/** Share of requests that fail by the servlet's fault in a window such as `5m`. */
export function failureShare(servlet: string, window: string): string {
  const of = (labels: string) =>
    `sum(rate(atlas_server_requests_total{namespace="${names.namespace(servlet)}",servlet="${servlet}"${labels}}[${window}]))`
  return `${of(`,code=~"${faults}"`)} / ${of('')}`
}

/** Share of requests that were answered, and took longer than so many seconds, in a window. */
export function slowShare(servlet: string, seconds: number, window: string): string {
  const labels = `namespace="${names.namespace(servlet)}",servlet="${servlet}",outcome="ok"`
  const rate = (name: string, more = '') =>
    `sum(rate(atlas_server_request_duration_seconds_${name}{${labels}${more}}[${window}]))`
  // Prometheus 3 writes whole edges as 1.0, older ones as they are exposed.
  const edge = Number.isInteger(seconds) ? `le=~"${seconds}|${seconds}.0"` : `le="${seconds}"`
  return `1 - ${rate('bucket', `,${edge}`)} / ${rate('count')}`
}

/** A quantile of how long requests take, in seconds. */
export function durationQuantile(servlet: string, quantile: number): string {
  return `histogram_quantile(${quantile}, sum by (le) (rate(atlas_server_request_duration_seconds_bucket{namespace="${names.namespace(servlet)}",servlet="${servlet}",outcome="ok"}[5m])))`
}

/** Requests a second by endpoint. */
export function requestsByEndpoint(servlet: string): string {
  return `sum by (endpoint) (rate(atlas_server_requests_total{namespace="${names.namespace(servlet)}",servlet="${servlet}"}[5m]))`
}
