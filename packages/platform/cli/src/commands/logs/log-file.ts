import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'

/**
 * Reads the lines of a log file, and later those that were added. A file that was moved away because it is full is read
 * to its end before the new one is begun.
 */
export class LogFile {
  readonly #path: string
  #handle: FileHandle | undefined
  #inode = 0
  #position = 0
  #decoder = new StringDecoder('utf8')
  /** The beginning of a line whose end has not been written yet. */
  #begun = ''

  constructor(path: string) {
    this.#path = path
  }

  /** The whole lines that were added since the last time; all of them the first time. */
  async next(): Promise<string[]> {
    const lines = await this.#rest()
    const now = await stat(this.#path).catch(() => undefined)
    if (now && (now.ino !== this.#inode || now.size < this.#position)) {
      await this.close()
      this.#handle = await open(this.#path).catch(() => undefined)
      this.#inode = now.ino
      this.#position = 0
      this.#begun = ''
      this.#decoder = new StringDecoder('utf8')
      lines.push(...(await this.#rest()))
    }
    return lines
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #rest(): Promise<string[]> {
    const lines: string[] = []
    const chunk = Buffer.alloc(64 * 1024)
    while (this.#handle) {
      const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, this.#position)
      if (bytesRead === 0) break
      this.#position += bytesRead
      const [end = '', ...starts] = this.#decoder.write(chunk.subarray(0, bytesRead)).split('\n')
      this.#begun += end
      for (const start of starts) {
        lines.push(this.#begun)
        this.#begun = start
      }
    }
    return lines
  }
}

/** The lines of the file that a full log was moved to. */
export async function rotatedLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n')
}
