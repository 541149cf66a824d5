import { defaultSampling, type Sampling } from './tracing/sampler.ts'

/** What the variables of OpenTelemetry say, see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export interface TelemetryEnvironment {
  /** Undefined when nobody takes spans. */
  readonly exporter: ExporterSettings | undefined
  readonly sampling: Sampling
  /** Attributes of every resource. */
  readonly resource: Readonly<Record<string, string>>
  readonly queueSize: number
  readonly batchSize: number
  readonly delayMs: number
  readonly exportTimeoutMs: number
  /** What is wrong with the variables, and what was done about it. */
  readonly problems: readonly string[]
}

/** How a collector is reached. */
export interface ExporterSettings {
  readonly url: URL
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly headers: Readonly<Record<string, string>>
  readonly compress: boolean
  readonly requestTimeoutMs: number
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads the variables of OpenTelemetry. Never throws: a process that serves does not fail for its telemetry.
 *
 * Spans are exported once an endpoint is named, or `OTEL_TRACES_EXPORTER` is `otlp`: the specification's default of a
 * collector on this machine would have every process without one knock on a closed door.
 */
export function readEnvironment(variables: Variables): TelemetryEnvironment {
  const problems: string[] = []
  const get = (name: string) => variables[name]?.trim() || undefined
  const number = (name: string, fallback: number, least: number): number => {
    const text = get(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= least) return value
    problems.push(`${name} is '${text}', not a whole number from ${least}; ${fallback} is used`)
    return fallback
  }
  const pairs = (name: string): Record<string, string> => {
    const read = readPairs(get(name) ?? '')
    if (!read) problems.push(`${name} is not a list of key=value with percent-encoded values; it is ignored`)
    return read ?? {}
  }
  const sampling = readSampling(get, problems)
  const serviceName = get('OTEL_SERVICE_NAME')
  const queueSize = number('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1)
  return {
    exporter: readExporter(get, number, pairs, problems),
    sampling,
    resource: {
      ...pairs('OTEL_RESOURCE_ATTRIBUTES'),
      ...(serviceName === undefined ? {} : { 'service.name': serviceName }),
    },
    queueSize,
    batchSize: Math.min(queueSize, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1)),
    delayMs: number('OTEL_BSP_SCHEDULE_DELAY', 5000, 0),
    exportTimeoutMs: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000, 1),
    problems,
  }
}

type Get = (name: string) => string | undefined

function readExporter(
  get: Get,
  number: (name: string, fallback: number, least: number) => number,
  pairs: (name: string) => Record<string, string>,
  problems: string[],
): ExporterSettings | undefined {
  const either = (name: string) =>
    get(`OTEL_EXPORTER_OTLP_TRACES_${name}`) === undefined
      ? `OTEL_EXPORTER_OTLP_${name}`
      : `OTEL_EXPORTER_OTLP_TRACES_${name}`
  if (get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined
  const wanted = get('OTEL_TRACES_EXPORTER')
  if (wanted !== undefined && wanted !== 'otlp') {
    if (wanted !== 'none')
      problems.push(`OTEL_TRACES_EXPORTER is '${wanted}'; there are otlp and none, so nothing is exported`)
    return undefined
  }
  const own = get('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  const shared = get('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (wanted === undefined && own === undefined && shared === undefined) return undefined
  const address = own ?? `${(shared ?? 'http://localhost:4318').replace(/\/+$/, '')}/v1/traces`
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) {
    problems.push(`the endpoint '${address}' is not an http or https URL; nothing is exported`)
    return undefined
  }
  const protocol = get(either('PROTOCOL')) ?? 'http/protobuf'
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    problems.push(
      `${either('PROTOCOL')} is '${protocol}'; there are http/protobuf and http/json, so nothing is exported`,
    )
    return undefined
  }
  const compression = get(either('COMPRESSION'))
  if (compression !== undefined && compression !== 'gzip' && compression !== 'none')
    problems.push(`${either('COMPRESSION')} is '${compression}'; there are gzip and none; none is used`)
  return {
    url,
    protocol,
    headers: pairs(either('HEADERS')),
    compress: compression === 'gzip',
    requestTimeoutMs: number(either('TIMEOUT'), 10_000, 1),
  }
}

function readSampling(get: Get, problems: string[]): Sampling {
  const name = get('OTEL_TRACES_SAMPLER')
  if (name === undefined) return defaultSampling
  const parentBased = name.startsWith('parentbased_')
  switch (parentBased ? name.slice('parentbased_'.length) : name) {
    case 'always_on':
      return { ratio: 1, parentBased }
    case 'always_off':
      return { ratio: 0, parentBased }
    case 'traceidratio': {
      const text = get('OTEL_TRACES_SAMPLER_ARG')
      const ratio = text === undefined ? 1 : Number(text)
      if (ratio >= 0 && ratio <= 1) return { ratio, parentBased }
      problems.push(
        `OTEL_TRACES_SAMPLER_ARG is '${text}', not a number from 0 to 1; ${defaultSampling.ratio} is used`,
      )
      return { ratio: defaultSampling.ratio, parentBased }
    }
    default:
      problems.push(
        `OTEL_TRACES_SAMPLER is '${name}'; there are always_on, always_off and traceidratio, alone or after ` +
          `parentbased_; parentbased_traceidratio of ${defaultSampling.ratio} is used`,
      )
      return defaultSampling
  }
}

/** Undefined when it is wrong, as then all of it is. */
function readPairs(text: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {}
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, equals).trim()
    if (equals < 0 || key === '') return undefined
    try {
      pairs[key] = decodeURIComponent(part.slice(equals + 1).trim())
    } catch {
      return undefined
    }
  }
  return pairs
}
