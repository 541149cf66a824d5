import { type ByteStream, byteStream } from '@atlas/contract'

/** `google.api.HttpBody` as JavaScript has it. */
export interface HttpBodyMessage {
  readonly contentType: string
  readonly data: Uint8Array
}

/** Clients refuse messages of more than 4 MiB unless told otherwise, and a small piece does not wait behind a large one. */
const pieceBytes = 256 * 1024

/** Bytes as messages, of which the first one names the media type. There is always a first one. */
export async function* piecesOf(stream: ByteStream): AsyncGenerator<HttpBodyMessage, void, undefined> {
  let { contentType } = stream
  for await (const chunk of stream)
    for (let start = 0; start < chunk.byteLength; start += pieceBytes) {
      yield { contentType, data: chunk.subarray(start, start + pieceBytes) }
      contentType = ''
    }
  if (contentType !== '') yield { contentType, data: new Uint8Array() }
}

/** A request with bytes beside its fields: the first message has the fields, each has a piece. */
interface UploadMessage extends Record<string, unknown> {
  readonly body?: HttpBodyMessage
}

/**
 * The fields and the bytes of an upload. Bytes are read when they are asked for; cancelling them ends the iteration.
 *
 * @throws what the first message fails with
 */
export async function uploadOf(
  messages: AsyncIterable<unknown>,
): Promise<{ input: Record<string, unknown>; body: ByteStream }> {
  const iterator = messages[Symbol.asyncIterator]() as AsyncIterator<UploadMessage | undefined>
  const { body, ...input } = (await iterator.next()).value ?? {}
  let first = body?.data
  const bytes = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          let piece = first
          first = undefined
          if (piece === undefined) {
            const next = await iterator.next()
            if (next.done) return controller.close()
            piece = next.value?.body?.data
          }
          // An empty one would not count as an answer to the pull.
          if (piece !== undefined && piece.byteLength > 0) return controller.enqueue(piece)
        }
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
  return { input, body: byteStream(bytes, { contentType: body?.contentType || undefined }) }
}
