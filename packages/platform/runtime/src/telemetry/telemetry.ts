import type { Transport } from '@atlas/client'
import type { Logger } from '@atlas/sdk'
import { runtimeVersion } from '../version.ts'
import { readEnvironment, type TelemetryEnvironment } from './environment.ts'
import { jsonLogger, type LogLevel, logLevels } from './logging/json-logger.ts'
import { type LineSink, standardOutput } from './logging/line-sink.ts'
import { watchEventLoop } from './metrics/event-loop.ts'
import { contentTypes } from './metrics/exposition.ts'
import { watchGarbageCollection } from './metrics/garbage-collection.ts'
import { labelsOf } from './metrics/labels.ts'
import { Metrics, type Protocol } from './metrics/metrics.ts'
import { negotiateFormat } from './metrics/negotiate-format.ts'
import { collectProcess } from './metrics/process.ts'
import { metricSpecs } from './metrics/schema.ts'
import type { ServletTraffic } from './metrics/traffic.ts'
import { observeCalls } from './observe-calls.ts'
import { type EndpointName, type ObservedEndpoint, observedEndpoint, spanName } from './observed-endpoint.ts'
import { installOpenTelemetry } from './opentelemetry-api/install.ts'
import { postTo } from './otlp/post.ts'
import { resources } from './otlp/resource.ts'
import { SpanExporter } from './otlp/span-exporter.ts'
import { WallClock } from './otlp/wall-clock.ts'
import { RequestTelemetry } from './request-telemetry.ts'
import { currentTrace } from './tracing/active-trace.ts'
import { SpanRing } from './tracing/span-ring.ts'
import { Tracer } from './tracing/tracer.ts'

/** Options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /** The version of the runtime. @default its own */
  readonly version?: string
  /** The servlets that run here and their versions. @default none; a servlet without one is of no version */
  readonly servlets?: Readonly<Record<string, string>>
  /** Where OpenTelemetry's variables are read from. @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where log lines go. @default standard output */
  readonly sink?: LineSink
  /** Lines that matter less are not logged. @default 'info' */
  readonly logLevel?: LogLevel
  /**
   * How many failed requests a second are traced although their traces are not.
   *
   * @default 10: enough to see why, and no flood when everything fails
   */
  readonly failureSpansPerSecond?: number
}

/** The telemetry of a process. */
export interface Telemetry {
  readonly metrics: Metrics
  readonly tracer: Tracer
  /** What observes requests for an endpoint; with a protocol alone, requests for which nothing is served. */
  endpoint(name: EndpointName | Protocol): ObservedEndpoint
  /** What observes the requests of a server. @param listener callers on the internal one decide what is recorded */
  requests(listener: 'public' | 'internal' | 'gateway'): RequestTelemetry
  /**
   * A transport whose calls are counted and traced; those in the same process for the callee too, which no server sees.
   *
   * @param servlet who calls; empty for a caller that is none, such as the gateway: then only the callee's side is observed
   */
  observed(transport: Transport, servlet: string, protocol: Protocol): Transport
  /** The log of a servlet; without one, of the platform. */
  logger(servlet?: string): Logger
  /** What each servlet was asked since the start, by its name. See {@link trafficBetween} for less than that. */
  traffic(): ReadonlyMap<string, ServletTraffic>
  /** All metrics, in the format that a scraper asks for with its `Accept`. */
  scrape(accept: string | undefined): { readonly contentType: string; readonly body: string }
  /** Sends what there is and stops. The last step of a drain, as everything before it may still be told of. */
  close(timeoutMs: number): Promise<void>
}

/**
 * Starts the telemetry of a process, as the variables of OpenTelemetry say. Before servlets are loaded, because code that
 * gets a tracer of `@opentelemetry/api` earlier has one that records nothing. Never throws for what a variable says.
 */
export async function createTelemetry(options: TelemetryOptions = {}): Promise<Telemetry> {
  const { version = runtimeVersion } = options
  const settings = readEnvironment(options.environment ?? process.env)
  const metrics = new Metrics()
  const scope = { name: '@atlas/runtime', version }
  for (const [name, version] of Object.entries(options.servlets ?? {})) metrics.servlet(name, version)

  const sink = options.sink ?? standardOutput()
  const lines: Record<LogLevel, number> = { debug: 0, info: 0, warn: 0, error: 0 }
  const logger = (servlet?: string) =>
    jsonLogger({
      sink,
      level: options.logLevel ?? 'info',
      fields: servlet === undefined ? {} : { servlet },
      trace: currentTrace,
      counted: (level) => {
        lines[level] += 1
      },
    })
  const log = logger()
  for (const problem of settings.problems) log.warn(problem)

  const ring = settings.exporter && new SpanRing(settings.queueSize)
  const tracer = new Tracer({
    sampling: settings.sampling,
    ring,
    failuresPerSecond: options.failureSpansPerSecond ?? 10,
  })
  const exporting = ring && (await startExporter(settings, ring, log, version, metrics))
  const uninstall = installOpenTelemetry(tracer)
  const eventLoop = watchEventLoop()
  const garbageCollection = watchGarbageCollection()

  metrics.collect((exposition) => {
    if (exporting) {
      exposition.family('atlas_spans_exported_total', ({ sample }) => sample('', exporting.exporter.exported))
      exposition.family('atlas_spans_dropped_total', ({ sample }) => {
        for (const [reason, count] of Object.entries(exporting.exporter.dropped))
          sample(labelsOf(metricSpecs.atlas_spans_dropped_total.labels, [reason]), count)
      })
    }
    exposition.family('atlas_log_lines_total', ({ sample }) => {
      for (const level of logLevels)
        sample(labelsOf(metricSpecs.atlas_log_lines_total.labels, [level]), lines[level])
    })
    exposition.family('atlas_log_lines_dropped_total', ({ sample }) => sample('', sink.dropped))
    exposition.family('atlas_build_info', ({ sample }) => {
      const { labels } = metricSpecs.atlas_build_info
      sample(labelsOf(labels, [version, process.versions.node]), 1)
    })
  })
  for (const collect of [eventLoop.collect, garbageCollection.collect, collectProcess])
    metrics.collect(collect)

  const endpoint = (name: EndpointName | Protocol) => observedEndpoint(metrics, tracer, scope, name)
  return {
    metrics,
    tracer,
    endpoint,
    requests: (listener) => new RequestTelemetry(endpoint, listener === 'internal'),
    observed: (transport, servlet, protocol) =>
      observeCalls(transport, {
        tracer,
        observed: (callee, endpoint) => {
          const attributes = { 'atlas.endpoint': endpoint, 'atlas.protocol': protocol }
          return {
            client:
              servlet === ''
                ? undefined
                : {
                    series: metrics.client(servlet, callee, endpoint, protocol),
                    source: { servlet, scope, attributes: { 'atlas.callee': callee, ...attributes } },
                  },
            server:
              protocol === 'in_process'
                ? {
                    series: metrics.server(callee, endpoint, protocol),
                    source: {
                      servlet: callee,
                      scope,
                      attributes: { 'atlas.servlet': callee, ...attributes },
                    },
                  }
                : undefined,
            spanName: spanName(callee, endpoint),
          }
        },
      }),
    logger,
    traffic: () => metrics.traffic(),
    scrape(accept) {
      const format = negotiateFormat(accept)
      return { contentType: contentTypes[format], body: metrics.expose(format) }
    },
    async close(timeoutMs) {
      eventLoop.close()
      garbageCollection.close()
      uninstall()
      await exporting?.exporter.close(timeoutMs)
      exporting?.close()
      sink.flush()
    },
  }
}

async function startExporter(
  settings: TelemetryEnvironment,
  ring: SpanRing,
  log: Logger,
  version: string,
  metrics: Metrics,
) {
  const { url, protocol, headers, compress, requestTimeoutMs } = settings.exporter!
  // Neither is loaded by processes that export in the other, or not at all.
  const encoding =
    protocol === 'http/json'
      ? (await import('./otlp/json-encoding.ts')).jsonEncoding
      : (await import('./otlp/protobuf-encoding.ts')).protobufEncoding
  const { post, close } = postTo(url, requestTimeoutMs)
  const exporter = new SpanExporter({
    ring,
    encoding,
    post,
    headers,
    compress,
    delayMs: settings.delayMs,
    batchSize: settings.batchSize,
    exportTimeoutMs: settings.exportTimeoutMs,
    clock: new WallClock(),
    resourceOf: resources({
      attributes: settings.resource,
      versionOf: (servlet) => metrics.versionOf(servlet),
      runtimeVersion: version,
    }),
    onProblem: (message, error) => log.warn(message, { error, url: url.origin + url.pathname }),
  })
  return { exporter, close }
}
