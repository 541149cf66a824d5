/** A structured log of a servlet. Fields are for machines, the message is for people. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Fields of a log line. An Error under `error` is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>

/** A log that goes nowhere. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
