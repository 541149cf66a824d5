import { inspect } from 'node:util'
import { dim } from '../../text-table.ts'

/** A line of a servlet's log, as the platform writes it: one JSON object. */
export interface LogLine {
  /** ISO 8601. */
  readonly time: string
  readonly level: string
  readonly servlet: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  /** As it is written. */
  readonly raw: string
}

/** The levels, from the least to the worst. */
export const levels: readonly string[] = ['debug', 'info', 'warn', 'error']

/**
 * Reads a line; what is none, such as the half that a killed process wrote, is undefined.
 *
 * @param servlet the one whose file it is, for lines that do not say
 */
export function parseLogLine(raw: string, servlet: string): LogLine | undefined {
  try {
    const { time, level, message, servlet: named, ...fields } = JSON.parse(raw) as Record<string, unknown>
    if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined
    return {
      time,
      level: typeof level === 'string' ? level : 'info',
      servlet: typeof named === 'string' ? named : servlet,
      message: typeof message === 'string' ? message : '',
      fields,
      raw,
    }
  } catch {
    return undefined
  }
}

/** A line for people: `12:00:01.123 files warn swept removed=3`, `12:00:01.123 greeter GET /greet/ada 200 1.3 ms`. */
export function formatLogLine({ time, level, servlet, message, fields }: LogLine): string {
  const at = dim(timeOf(new Date(time)))
  const { method, path, endpoint: _, status, durationMs, ...rest } = fields
  if (message === 'request' && typeof method === 'string') {
    const { error, ...others } = rest as { error?: { code?: string; message?: string } }
    const why = error ? ` ${error.code}: ${oneLine(error.message ?? '')}` : ''
    const took = typeof durationMs === 'number' ? ` ${durationMs.toFixed(1)} ms` : ''
    return `${at} ${servlet} ${method} ${oneLine(String(path))} ${status}${took}${why}${pairsOf(quiet(others))}`
  }
  const { error, ...others } = rest
  const stack = isError(error) ? `\n${indented(error.stack ?? error.message ?? '')}` : ''
  return `${at} ${servlet} ${level} ${oneLine(message)}${pairsOf(isError(error) ? others : rest)}${stack}`
}

/** What every request has and nobody reads here. */
function quiet({ trace_id: _, span_id: __, ...others }: Record<string, unknown>): Record<string, unknown> {
  return others
}

function pairsOf(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      const text =
        typeof value === 'string' && /^[^\s"=]+$/.test(value)
          ? value
          : oneLine(inspect(value, { depth: 6, breakLength: Infinity }))
      return ` ${name}=${text}`
    })
    .join('')
}

function isError(value: unknown): value is { stack?: string; message?: string } {
  return typeof value === 'object' && value !== null && ('stack' in value || 'message' in value)
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${oneLine(line)}`)
    .join('\n')
}

/** What callers write must not look like lines of the log, or move the cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

function timeOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
