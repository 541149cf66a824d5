import { AtlasError, type ByteStream, byteStream } from '@atlas/contract'

/** The stream, which errors with `resource_exhausted` (413) after `maxBytes`. A size known beforehand is checked at once. */
export function limitBytes(source: ByteStream, maxBytes: number): ByteStream {
  if (source.sizeBytes !== undefined && source.sizeBytes > maxBytes) throw tooLarge(maxBytes)
  let seen = 0
  const counted = source.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength
        if (seen > maxBytes) throw tooLarge(maxBytes)
        controller.enqueue(chunk)
      },
    }),
  )
  return byteStream(counted, source)
}

function tooLarge(maxBytes: number): AtlasError {
  return new AtlasError('resource_exhausted', `the body is larger than ${maxBytes} bytes`, {
    httpStatus: 413,
  })
}
