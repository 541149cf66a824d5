import { Exposition, type ExpositionFormat } from './exposition.ts'
import { labelsOf } from './labels.ts'
import { codeNames, outcomes } from './outcome.ts'
import { RequestSeries } from './request-series.ts'
import { metricSpecs } from './schema.ts'
import { type ServletTraffic, trafficOf } from './traffic.ts'

/** By what a request came. */
export type Protocol = 'http' | 'connect' | 'grpc' | 'grpc_web' | 'in_process'

/** What a limiter shows of itself; an admission is one. */
export interface LimiterState {
  readonly limit: number
  readonly inFlight: number
  readonly queued: number
  readonly refused: Readonly<Record<string, number>>
  readonly canceled: number
  /** Whether somebody had to wait or was refused in the last second. */
  readonly overloaded: boolean
}

/** How often a servlet called an endpoint of another. */
export interface CallCount {
  readonly caller: string
  readonly callee: string
  readonly endpoint: string
  /** Calls that are over, however they ended. */
  readonly count: number
}

/** Writes metrics that are looked up when somebody scrapes. */
export type Collect = (exposition: Exposition) => void

/** What requests for nothing that is served count as. Paths come from callers, so no label may hold one. */
const nowhere = { servlet: 'unknown', endpoint: 'unknown' }

/** All metrics of a process. Series are made once for each endpoint, kept by whoever counts, and never go away. */
export class Metrics {
  readonly #server = new Map<string, RequestSeries>()
  readonly #client = new Map<string, RequestSeries>()
  /** Those of `#server`, by servlet. */
  readonly #served = new Map<string, RequestSeries[]>()
  /** Those of `#client`, with who calls what. */
  readonly #calling = new Map<RequestSeries, Omit<CallCount, 'count'>>()
  readonly #limiters = new Map<string, { labels: readonly [string, string]; state: LimiterState }>()
  readonly #servlets = new Map<string, string>()
  readonly #collectors: Collect[] = []

  /**
   * The series of requests that an endpoint serves.
   *
   * @param endpoint the name in the contract; of a mount its prefix, `/legacy`; undefined where nothing is served
   */
  server(servlet: string | undefined, endpoint: string | undefined, protocol: Protocol): RequestSeries {
    const known = servlet !== undefined && endpoint !== undefined ? { servlet, endpoint } : nowhere
    const { size } = this.#server
    const series = seriesIn(this.#server, metricSpecs.atlas_server_requests_in_flight.labels, [
      known.servlet,
      known.endpoint,
      protocol,
    ])
    if (this.#server.size > size && known !== nowhere) this.#remember(known.servlet, series)
    return series
  }

  /** The series of calls that a servlet makes. Outside of servlets, `servlet` is empty. */
  client(servlet: string, callee: string, endpoint: string, protocol: Protocol): RequestSeries {
    const series = seriesIn(this.#client, metricSpecs.atlas_client_requests_in_flight.labels, [
      servlet,
      callee,
      endpoint,
      protocol,
    ])
    this.#calling.set(series, { caller: servlet, callee, endpoint })
    return series
  }

  /** What servlets called of each other since the start. */
  calls(): CallCount[] {
    return [...this.#calling].map(([{ codes }, call]) => ({
      ...call,
      count: codes.reduce((sum, times) => sum + times, 0),
    }))
  }

  /** Shows a limiter. The latest of a servlet and class counts. */
  limiter(servlet: string, endpointClass: string, state: LimiterState): void {
    this.#limiters.set(`${servlet} ${endpointClass}`, { labels: [servlet, endpointClass], state })
  }

  /** Says that a servlet runs here, and in which version. */
  servlet(name: string, version: string): void {
    this.#servlets.set(name, version)
  }

  /** The version of a servlet, as far as it was said. */
  versionOf(servlet: string): string | undefined {
    return this.#servlets.get(servlet)
  }

  /** Asks for more metrics at each scrape. */
  collect(collect: Collect): void {
    this.#collectors.push(collect)
  }

  /** What each servlet was asked since the start, by its name. */
  traffic(): ReadonlyMap<string, ServletTraffic> {
    const overloaded = new Set<string>()
    for (const { labels, state } of this.#limiters.values()) if (state.overloaded) overloaded.add(labels[0])
    const all = new Map<string, ServletTraffic>()
    for (const [servlet, series] of this.#served)
      all.set(servlet, trafficOf(servlet, series, overloaded.has(servlet)))
    return all
  }

  #remember(servlet: string, series: RequestSeries): void {
    const known = this.#served.get(servlet)
    if (known) known.push(series)
    else this.#served.set(servlet, [series])
  }

  /** All metrics as text. */
  expose(format: ExpositionFormat, nowMs = performance.now()): string {
    const exposition = new Exposition(format)
    this.#exposeServer(exposition, nowMs)
    this.#exposeClient(exposition)
    this.#exposeLimiters(exposition)
    exposition.family('atlas_servlet_info', ({ sample }) => {
      const { labels } = metricSpecs.atlas_servlet_info
      for (const entry of this.#servlets) sample(labelsOf(labels, entry), 1)
    })
    for (const collect of this.#collectors) collect(exposition)
    return exposition.toString()
  }

  #exposeServer(exposition: Exposition, nowMs: number): void {
    const all = this.#server
    exposeCodes(exposition, 'atlas_server_requests_total', all)
    exposeDurations(exposition, 'atlas_server_request_duration_seconds', all)
    exposition.family('atlas_server_failed_seconds_total', ({ sample }) => {
      for (const { labels, failedSeconds } of all.values()) sample(labels, failedSeconds.count)
    })
    exposition.family('atlas_server_requests_in_flight', ({ sample }) => {
      for (const { labels, inFlight } of all.values()) sample(labels, inFlight)
    })
    exposition.family('atlas_server_in_flight_seconds_total', ({ sample }) => {
      for (const series of all.values()) sample(series.labels, series.inFlightSeconds(nowMs))
    })
    exposition.family('atlas_server_request_body_bytes_total', ({ sample }) => {
      for (const { labels, bytesIn } of all.values()) sample(labels, bytesIn)
    })
    exposition.family('atlas_server_response_body_bytes_total', ({ sample }) => {
      for (const { labels, bytesOut } of all.values()) sample(labels, bytesOut)
    })
  }

  #exposeClient(exposition: Exposition): void {
    const all = this.#client
    exposeCodes(exposition, 'atlas_client_requests_total', all)
    exposeDurations(exposition, 'atlas_client_request_duration_seconds', all)
    exposition.family('atlas_client_requests_in_flight', ({ sample }) => {
      for (const { labels, inFlight } of all.values()) sample(labels, inFlight)
    })
  }

  #exposeLimiters(exposition: Exposition): void {
    const { labels: names } = metricSpecs.atlas_limiter_limit
    const all = [...this.#limiters.values()].map(({ labels, state }) => ({
      labels: labelsOf(names, labels),
      state,
    }))
    exposition.family('atlas_limiter_limit', ({ sample }) => {
      for (const { labels, state } of all) sample(labels, state.limit)
    })
    exposition.family('atlas_limiter_in_flight', ({ sample }) => {
      for (const { labels, state } of all) sample(labels, state.inFlight)
    })
    exposition.family('atlas_limiter_queued', ({ sample }) => {
      for (const { labels, state } of all) sample(labels, state.queued)
    })
    exposition.family('atlas_limiter_refusals_total', ({ sample }) => {
      for (const { labels, state } of all)
        for (const [reason, count] of Object.entries(state.refused))
          sample(`${labels},${labelsOf(['reason'], [reason])}`, count)
    })
    exposition.family('atlas_limiter_canceled_total', ({ sample }) => {
      for (const { labels, state } of all) sample(labels, state.canceled)
    })
  }
}

function seriesIn(
  all: Map<string, RequestSeries>,
  names: readonly string[],
  values: readonly string[],
): RequestSeries {
  const labels = labelsOf(names, values)
  let series = all.get(labels)
  if (!series) {
    series = new RequestSeries(labels)
    all.set(labels, series)
  }
  return series
}

/** A code that never came has no sample, but `ok` always has: a rate over a series that is not there is no rate of 0. */
function exposeCodes(
  exposition: Exposition,
  name: 'atlas_server_requests_total' | 'atlas_client_requests_total',
  all: ReadonlyMap<string, RequestSeries>,
): void {
  exposition.family(name, ({ sample }) => {
    for (const { labels, codes } of all.values())
      for (const [number, code] of codeNames.entries())
        if (codes[number]! > 0 || number === 0) sample(`${labels},code="${code}"`, codes[number]!)
  })
}

function exposeDurations(
  exposition: Exposition,
  name: 'atlas_server_request_duration_seconds' | 'atlas_client_request_duration_seconds',
  all: ReadonlyMap<string, RequestSeries>,
): void {
  exposition.family(name, ({ histogram }) => {
    for (const { labels, durations } of all.values())
      for (const [number, durationsOf] of durations.entries())
        if (durationsOf) histogram(`${labels},outcome="${outcomes[number]}"`, durationsOf)
  })
}
