import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** Where lines go. */
export interface LineSink {
  /** Takes a line with its end. */
  write(line: string): void
  /** Hands over what was taken. */
  flush(): void
  /** How many lines were lost because nobody took them. */
  readonly dropped: number
}

/** What is collected before it is handed over, at most until the turn of the event loop ends. */
const chunkLength = 32 * 1024

/** What may wait for a reader that is slow, before lines are lost rather than memory. */
const mostWaitingBytes = 8 * 1024 * 1024

/**
 * Writes lines to a stream, those of one turn of the event loop at once. A reader that does not read costs lines, not
 * the process.
 */
export function streamSink(stream: Writable): LineSink {
  let waiting = ''
  let lines = 0
  let scheduled = false
  const sink = {
    dropped: 0,
    write(line: string) {
      waiting += line
      lines += 1
      if (waiting.length >= chunkLength) sink.flush()
      else if (!scheduled) {
        scheduled = true
        setImmediate(flushLater)
      }
    },
    flush() {
      if (waiting === '') return
      if (stream.writableLength > mostWaitingBytes || stream.destroyed) sink.dropped += lines
      else stream.write(waiting)
      waiting = ''
      lines = 0
    },
    /** What was taken and not handed over, for a process that ends now. */
    rest() {
      const rest = waiting
      waiting = ''
      return rest
    },
  }
  const flushLater = () => {
    scheduled = false
    sink.flush()
  }
  return sink
}

let output: LineSink | undefined

/** Writes lines to standard output, the last ones also when the process ends by an exception. There is one a process. */
export function standardOutput(): LineSink {
  output ??= makeOutput()
  return output
}

function makeOutput(): LineSink {
  const sink = streamSink(process.stdout) as LineSink & { rest(): string }
  process.once('exit', () => {
    const rest = sink.rest()
    if (rest === '') return
    try {
      writeSync(1, rest)
    } catch {
      // Nobody reads any more, or not fast enough.
    }
  })
  return sink
}
