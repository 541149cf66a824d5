import { matchesMediaType } from '@atlas/contract'
import type { EndpointDocument } from '../document.ts'

/** Accepted types and the maximum size of bytes. */
export type BytesDocument = NonNullable<EndpointDocument['body']>

/** Bytes that a writer may send and a reader refuses. */
export interface BytesGap {
  readonly kind: 'bytes-type' | 'bytes-size'
  readonly writes: string
  readonly takes: string
  readonly witness: { readonly contentType: string; readonly sizeBytes: number }
}

/** Types or sizes that the writer may send and the reader does not take, each tried. */
export function bytesGaps(writer: BytesDocument, reader: BytesDocument): BytesGap[] {
  const found: BytesGap[] = []
  const refused = writer.types
    .flatMap(examplesOf)
    .find((type) => matchesMediaType(type, writer.types) && !matchesMediaType(type, reader.types))
  if (refused !== undefined)
    found.push({
      kind: 'bytes-type',
      writes: `send ${refused}`,
      takes: `only ${reader.types.join(', ')}`,
      witness: { contentType: refused, sizeBytes: 1 },
    })
  if (writer.maxBytes > reader.maxBytes)
    found.push({
      kind: 'bytes-size',
      writes: `send ${reader.maxBytes + 1} bytes`,
      takes: `at most ${reader.maxBytes} bytes`,
      witness: { contentType: examplesOf(writer.types[0]!)[0]!, sizeBytes: reader.maxBytes + 1 },
    })
  return found
}

/** Media types that a pattern stands for; the odd ones are none that a pattern names by chance. */
function examplesOf(pattern: string): string[] {
  if (pattern === '*/*')
    return ['application/octet-stream', 'text/plain', 'image/png', 'audio/mpeg', 'video/mp4', 'x-any/x-any']
  if (!pattern.endsWith('/*')) return [pattern.toLowerCase()]
  const kind = pattern.slice(0, -2).toLowerCase()
  return ['png', 'plain', 'x-any'].map((type) => `${kind}/${type}`)
}
