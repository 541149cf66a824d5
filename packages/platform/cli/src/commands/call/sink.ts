import { randomUUID } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ByteStream } from '@atlas/contract'
import { CommandError, exitCode } from '../../exit-code.ts'

/** Where an answer goes. Each function resolves to what `--json` says of it. */
export interface Sink {
  value(value: unknown): Promise<object>
  items(items: AsyncIterable<unknown>): Promise<object>
  bytes(bytes: ByteStream): Promise<object>
  /** Leaves no half of a file behind. */
  abandon(): Promise<void>
}

/** A file that appears whole, standard output, or with `--json` the one document. */
export function sinkOf({ output, json }: { readonly output?: string; readonly json: boolean }): Sink {
  if (output !== undefined) return fileSink(output)
  return json ? documentSink() : standardSink()
}

function standardSink(): Sink {
  return {
    value: async (value) => {
      await write(`${JSON.stringify(value, undefined, 2)}\n`)
      return {}
    },
    async items(items) {
      for await (const item of items) await write(`${JSON.stringify(item)}\n`)
      return {}
    },
    async bytes(bytes) {
      if (process.stdout.isTTY && !isText(bytes.contentType)) {
        await bytes.cancel()
        throw new CommandError(
          `the answer is ${bytes.contentType}, which a terminal cannot show; write it to a file with --output`,
          exitCode.usage,
        )
      }
      await pipeline(Readable.fromWeb(bytes as never), process.stdout, { end: false })
      return {}
    },
    abandon: async () => {},
  }
}

function documentSink(): Sink {
  return {
    value: async (value) => ({ value }),
    async items(items) {
      const all: unknown[] = []
      for await (const item of items) all.push(item)
      return { items: all }
    },
    async bytes(bytes) {
      await bytes.cancel()
      throw new CommandError(
        'the answer is bytes, which are no JSON; write it to a file with --output',
        exitCode.usage,
      )
    },
    abandon: async () => {},
  }
}

function fileSink(file: string): Sink {
  const temporary = `${file}.${randomUUID()}.tmp`
  const finished = async (done: Promise<void>): Promise<void> => {
    try {
      await done
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException
      if (path !== temporary) throw error
      throw new CommandError(`${file} cannot be written (${code})`, exitCode.usage)
    }
    await rename(temporary, file)
  }
  const saved = async (source: AsyncIterable<string | Uint8Array> | Iterable<string>) => {
    const target: WriteStream = createWriteStream(temporary)
    let sizeBytes = 0
    await finished(
      pipeline(
        Readable.from(source, { objectMode: true }),
        async function* (chunks: AsyncIterable<string | Uint8Array>) {
          for await (const chunk of chunks) {
            sizeBytes += Buffer.byteLength(chunk)
            yield chunk
          }
        },
        target,
      ),
    )
    return { file, sizeBytes }
  }
  return {
    value: (value) => saved([`${JSON.stringify(value, undefined, 2)}\n`]),
    items: (items) =>
      saved(
        (async function* () {
          for await (const item of items) yield `${JSON.stringify(item)}\n`
        })(),
      ),
    bytes: async (bytes) => ({
      ...(await saved(bytes as AsyncIterable<Uint8Array>)),
      contentType: bytes.contentType,
    }),
    abandon: () => rm(temporary, { force: true }),
  }
}

/** Waits until it is on its way: a stream is not read faster than its reader reads. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

function isText(contentType: string): boolean {
  return /^text\/|[/+](json|xml|yaml|x-ndjson)\b|charset=/i.test(contentType)
}
