import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A file that is larger becomes the old one, in the place of the one before. */
const mostBytes = 8 * 1024 * 1024

/** How long lines are collected before they are written. */
const collectMs = 50

/** Lines that end up in a file, which does not grow without end: beside it there is one old one. */
export class LogFile {
  readonly #path: string
  #lines = ''
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #sizeBytes: number | undefined

  /** @param path ends in `.ndjson` */
  constructor(path: string) {
    this.#path = path
  }

  /** Takes a line, without its end. */
  write(line: string): void {
    this.#lines += `${line}\n`
    this.#timer ??= setTimeout(() => void this.flush(), collectMs).unref()
  }

  /** Resolves when all lines are in the file, or cannot be written: a log that fails must not cost more than its lines. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = ''
    this.#writing = this.#writing.then(() => this.#append(lines)).catch(() => {})
    return this.#writing
  }

  async #append(lines: string): Promise<void> {
    if (lines === '') return
    if (this.#sizeBytes === undefined) {
      await mkdir(dirname(this.#path), { recursive: true })
      this.#sizeBytes = await stat(this.#path).then(
        ({ size }) => size,
        () => 0,
      )
    }
    const bytes = Buffer.byteLength(lines)
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes > mostBytes) {
      await rename(this.#path, this.#path.replace(/\.ndjson$/, '.1.ndjson'))
      this.#sizeBytes = 0
    }
    await appendFile(this.#path, lines)
    this.#sizeBytes += bytes
  }
}
