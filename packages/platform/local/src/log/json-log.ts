import type { LogFields, Logger } from '@atlas/sdk'

/** A log of one JSON object a line on standard output. */
export function jsonLog(servlet: string): Logger {
  const line = (level: string) => (message: string, fields?: LogFields) => {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, servlet, message, ...plain(fields) })}\n`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

function plain(fields: LogFields | undefined): object {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([k, v]) => [k, v instanceof Error ? { type: v.name, message: v.message, stack: v.stack } : v]),
  )
}
