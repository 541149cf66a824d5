import type { RequestLog } from '@atlas/runtime'
import { timeOf } from './text-log.ts'

/** The one line of a request: `12:00:01.123 greeter GET /greet/ada 200 1.3 ms`. */
export function requestLine(entry: RequestLog): string {
  const { method, path, servlet = '-', status, durationMs, error } = entry
  const why = error && status >= 400 ? ` ${error.code}: ${error.message}` : ''
  return `${timeOf(new Date())} ${servlet} ${method} ${path} ${status} ${durationMs.toFixed(1)} ms${why}`
}
