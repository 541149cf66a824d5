import { type ByteStream, byteStream } from '@atlas/contract'

/** What to do along a stream of bytes. */
export interface BytesWatch {
  /** Called with the size of each chunk before it is passed on; throws to end the stream with that error. */
  readonly passed?: (sizeBytes: number) => void
  /** The error to show for one of the source, of `passed`, or of `signal`. @default the error itself */
  readonly failed?: (reason: unknown) => unknown
  /** Called once, when nothing more will come: the end, an error, or a reader that went away. */
  readonly ended?: () => void
  /** Ends the stream when it aborts, even while nobody reads. */
  readonly signal?: AbortSignal | undefined
  /** Runs each read of the source, to put it into an asynchronous context. */
  readonly run?: <T>(read: () => T) => T
}

/**
 * The same bytes under watch. The source is touched, and so locked, with the first read only; leaving the stream cancels
 * the source.
 */
export function watchBytes(source: ByteStream, watch: BytesWatch): ByteStream {
  const { passed, failed = same, signal, run = runPlainly } = watch
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let over = false
  let abort = () => {}
  const end = () => {
    if (over) return
    over = true
    signal?.removeEventListener('abort', abort)
    watch.ended?.()
  }
  const leave = (reason: unknown) => run(() => (reader ?? source).cancel(reason))
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        abort = () => {
          end()
          controller.error(failed(signal!.reason))
          leave(signal!.reason).catch(() => {})
        }
        if (signal?.aborted) abort()
        else signal?.addEventListener('abort', abort, { once: true })
      },
      async pull(controller) {
        try {
          reader ??= source.getReader()
          const { done, value } = await run(() => reader!.read())
          if (over) return
          if (done) {
            end()
            return controller.close()
          }
          passed?.(value.byteLength)
          controller.enqueue(value)
        } catch (reason) {
          if (over) return
          end()
          controller.error(failed(reason))
          leave(reason).catch(() => {})
        }
      },
      async cancel(reason) {
        end()
        await leave(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return byteStream(stream, source)
}

function same(reason: unknown): unknown {
  return reason
}

function runPlainly<T>(read: () => T): T {
  return read()
}
