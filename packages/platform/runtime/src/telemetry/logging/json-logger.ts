import type { LogFields, Logger } from '@atlas/sdk'
import type { TraceContext } from '../tracing/trace-context.ts'
import { jsonValue } from './json-value.ts'
import type { LineSink } from './line-sink.ts'

/** How much a line matters, least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

/** Options of {@link jsonLogger}. */
export interface JsonLoggerOptions {
  readonly sink: LineSink
  /** Lines that matter less are not written. */
  readonly level: LogLevel
  /** Written into every line, after time and level. */
  readonly fields: Readonly<Record<string, string>>
  /** Where the running code stands in a trace. */
  readonly trace: () => TraceContext | undefined
  /** Told of every line that is written. */
  readonly counted: (level: LogLevel) => void
}

/** Names that lines have already; fields of these names are written with `_` before them. */
const reserved: ReadonlySet<string> = new Set(['time', 'level', 'message', 'trace_id', 'span_id'])

/**
 * Makes a log of one JSON object a line: `time`, `level`, `message`, the fields of the logger, `trace_id` and `span_id`
 * as OpenTelemetry names them, and the fields that were given. A line is written whatever its fields are.
 */
export function jsonLogger(options: JsonLoggerOptions): Logger {
  const taken = new Set([...reserved, ...Object.keys(options.fields)])
  const common = Object.entries(options.fields)
    .map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join('')
  const least = logLevels.indexOf(options.level)
  const writer = (level: LogLevel) => {
    if (logLevels.indexOf(level) < least) return () => {}
    const head = `","level":"${level}"${common},"message":`
    return (message: string, fields?: LogFields) => {
      options.counted(level)
      let line = `{"time":"${timeNow()}${head}${JSON.stringify(String(message))}`
      const trace = options.trace()
      if (trace) line += `,"trace_id":"${trace.traceId}","span_id":"${trace.spanId}"`
      if (fields) line += textOf(fields, taken)
      options.sink.write(`${line}}\n`)
    }
  }
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') }
}

function textOf(fields: LogFields, taken: ReadonlySet<string>): string {
  let text = ''
  try {
    for (const key of Object.keys(fields)) {
      const value = JSON.stringify(jsonValue(fields[key]))
      if (value !== undefined) text += `,${JSON.stringify(taken.has(key) ? `_${key}` : key)}:${value}`
    }
  } catch {
    // A getter threw. What was read before it is written.
  }
  return text
}

let second = 0
let secondText = ''

/** ISO 8601 in UTC. Formatting a date costs as much as the rest of a line, so it is done once a second. */
function timeNow(): string {
  const now = Date.now()
  const nowSecond = Math.floor(now / 1000)
  if (nowSecond !== second) {
    second = nowSecond
    secondText = new Date(nowSecond * 1000).toISOString().slice(0, 20)
  }
  return `${secondText}${String(now % 1000).padStart(3, '0')}Z`
}
