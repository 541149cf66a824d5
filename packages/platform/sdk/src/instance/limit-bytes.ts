import { watchBytes } from '@atlas/client'
import { AtlasError, type ByteStream } from '@atlas/contract'

/**
 * The stream, which errors with `resource_exhausted` (413) after `maxBytes`.
 *
 * @throws AtlasError the same at once, where a size known beforehand says so
 */
export function limitBytes(source: ByteStream, maxBytes: number): ByteStream {
  if (source.sizeBytes !== undefined && source.sizeBytes > maxBytes) throw tooLarge(maxBytes)
  let seen = 0
  return watchBytes(source, {
    passed(sizeBytes) {
      seen += sizeBytes
      if (seen > maxBytes) throw tooLarge(maxBytes)
    },
  })
}

function tooLarge(maxBytes: number): AtlasError {
  return new AtlasError('resource_exhausted', `the body is larger than ${maxBytes} bytes`, {
    httpStatus: 413,
  })
}
