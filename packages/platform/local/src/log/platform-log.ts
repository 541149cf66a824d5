import { join } from 'node:path'
import type { RequestLog } from '@atlas/runtime'
import type { LogFields, Logger } from '@atlas/sdk'
import { LogFile } from './log-file.ts'
import { requestLine } from './request-line.ts'
import { textLog, type WriteLine } from './text-log.ts'

type Level = keyof Logger

const levels: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies Level[]

/**
 * Everything that a started platform says: for people, line by line, and by servlet as JSON lines in files, which `atlas logs`
 * reads. A line has `time` (ISO 8601), `level`, `servlet`, `message`, and the fields that were given; that of a request has
 * the message `request`, and `method`, `path`, `endpoint`, `status`, `durationMs`, and `error` where there was one.
 */
export class PlatformLog {
  readonly #write: WriteLine
  readonly #folder: string
  readonly #files = new Map<string, LogFile>()

  /** @param write takes lines for people @param folder where the files are */
  constructor(write: WriteLine, folder: string) {
    this.#write = write
    this.#folder = folder
  }

  /** The log of a servlet that runs in this process. @param toFile a logger of the same lines in JSON */
  logger(servlet: string, toFile: Logger): Logger {
    const text = textLog(servlet, this.#write)
    const both = (level: Level) => (message: string, fields?: LogFields) => {
      text[level](message, fields)
      toFile[level](message, fields)
    }
    return { debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') }
  }

  /** Takes a line that a process wrote for the servlets in it: JSON of its log, or anything that was printed. */
  line(name: string, line: string, stream: 'stdout' | 'stderr'): void {
    const parsed = stream === 'stdout' ? recordOf(line) : undefined
    if (!parsed) {
      if (line.trim() === '') return
      this.#write(`${name} | ${line}`)
      this.#file(name).write(
        JSON.stringify({
          time: new Date().toISOString(),
          level: stream === 'stderr' ? 'warn' : 'info',
          servlet: name,
          message: line,
          stream,
        }),
      )
      return
    }
    const { time: _time, level, message, servlet = name, ...fields } = parsed
    textLog(servlet, this.#write)[level as Level](message, shownFields(fields))
    this.#file(servlet).write(line)
  }

  /** A line of JSON that is for a file only. */
  record(line: string): void {
    const parsed = recordOf(line)
    if (parsed?.servlet !== undefined) this.#file(parsed.servlet).write(line.trimEnd())
  }

  request(entry: RequestLog): void {
    // Who watches the platform asks for its pages every second.
    if (entry.path.startsWith('/-/')) return
    this.#write(requestLine(entry))
    const { servlet, method, path, endpoint, status, durationMs, error } = entry
    if (servlet === undefined) return
    this.#file(servlet).write(
      JSON.stringify({
        time: new Date().toISOString(),
        level: status >= 500 ? 'error' : 'info',
        servlet,
        message: 'request',
        method,
        path,
        endpoint,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        ...(error && status >= 400 ? { error: { code: error.code, message: error.message } } : {}),
      }),
    )
  }

  /** Something about a servlet that people should know, and that the servlet itself cannot say. */
  say(servlet: string, level: 'info' | 'error', message: string): void {
    this.#write(`${servlet} ${message}`)
    const time = new Date().toISOString()
    this.#file(servlet).write(JSON.stringify({ time, level, servlet, message }))
  }

  /** Something about the platform. */
  note(message: string): void {
    this.#write(message)
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.flush()))
  }

  #file(servlet: string): LogFile {
    let file = this.#files.get(servlet)
    if (!file) {
      file = new LogFile(join(this.#folder, `${servlet}.ndjson`))
      this.#files.set(servlet, file)
    }
    return file
  }
}

interface Line extends Record<string, unknown> {
  readonly time: string
  readonly level: string
  readonly message: string
  readonly servlet?: string
}

function recordOf(line: string): Line | undefined {
  if (!line.startsWith('{"time":')) return undefined
  try {
    const value = JSON.parse(line) as Line
    return levels.includes(value.level) && typeof value.message === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** An error comes as data from another process; people read its stack. */
function shownFields({
  error,
  trace_id: _trace,
  span_id: _span,
  ...rest
}: Record<string, unknown>): LogFields {
  if (typeof error !== 'object' || error === null) return error === undefined ? rest : { ...rest, error }
  return { ...rest, error: new ReadError(error as Record<string, unknown>) }
}

class ReadError {
  readonly #fields: Record<string, unknown>

  constructor(fields: Record<string, unknown>) {
    this.#fields = fields
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: object,
    inspect: (value: unknown) => string,
  ): string {
    const { stack, type, message, ...rest } = this.#fields
    const head = typeof stack === 'string' ? stack : `${String(type)}: ${String(message)}`
    return Object.keys(rest).length > 0 ? `${head} ${inspect(rest)}` : head
  }
}
