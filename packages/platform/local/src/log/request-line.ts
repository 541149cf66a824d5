import type { RequestLog } from '@atlas/runtime'
import { timeOf } from './text-log.ts'

/** The one line of a request: `12:00:01.123 greeter GET /greet/ada 200 1.3 ms`, and why where it was refused. */
export function requestLine(entry: RequestLog): string {
  const { method, path, servlet = '-', status, durationMs, error } = entry
  const why = error && status >= 400 ? ` ${error.code}: ${oneLine(error.message)}` : ''
  return `${timeOf(new Date())} ${servlet} ${method} ${oneLine(path)} ${status} ${durationMs.toFixed(1)} ms${why}`
}

/** Callers write paths and parts of messages; a line of the log must stay one. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
