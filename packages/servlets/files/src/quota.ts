import { type ByteStream, byteStream } from '@atlas/contract'
import type { FileInfo } from './contract.ts'

/**
 * The bytes that all files have together. Counted anew each time, because a counter kept beside them would drift; uploads
 * side by side may pass the quota together, and the next one is refused.
 */
export async function usedBytes(files: AsyncIterable<FileInfo>): Promise<number> {
  let sum = 0
  for await (const { sizeBytes } of files) sum += sizeBytes
  return sum
}

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
