import { type ByteStream, byteStream } from '@atlas/contract'

/** The same bytes as they come, unless there are more than `maxBytes`: then the stream fails with what `full` makes. */
export function atMost(body: ByteStream, maxBytes: number, full: () => Error): ByteStream {
  if (body.sizeBytes !== undefined && body.sizeBytes > maxBytes) throw full()
  let seen = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength
      if (seen > maxBytes) throw full()
      controller.enqueue(chunk)
    },
  })
  return byteStream(body.pipeThrough(counter), body)
}
