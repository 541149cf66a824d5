import { formatWithOptions } from 'node:util'
import type { LogFields, Logger } from '@atlas/sdk'

/** Writes one line. */
export type WriteLine = (line: string) => void

/** A log for people: `12:00:01.123 files error upload failed {...}`. Errors are written out below the line. */
export function textLog(servlet: string, write: WriteLine): Logger {
  const line = (level: string) => (message: string, fields?: LogFields) => {
    const { error, ...rest } = fields ?? {}
    const facts =
      Object.keys(rest).length > 0 ? ` ${formatWithOptions({ breakLength: Infinity }, '%o', rest)}` : ''
    write(`${timeOf(new Date())} ${servlet} ${level} ${message}${facts}`)
    if (error !== undefined) write(formatWithOptions({ depth: 4 }, '%O', error).replace(/^/gm, '    '))
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

/** `12:00:01.123` in local time. */
export function timeOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`
}
