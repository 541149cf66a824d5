/** What a connection can be for. */
export type Protocol = 'http1' | 'http2'

/** How clients of HTTP/2 begin (RFC 9113, section 3.4): what is no method of HTTP/1.1, on purpose. */
const preface = 'PRI'

/**
 * The protocol of a connection by its first bytes; undefined while they are too few to say. POST, PUT, PATCH and
 * PROPFIND share a beginning with the preface, and bytes may come one by one.
 */
export function protocolOf(first: Uint8Array): Protocol | undefined {
  for (let index = 0; index < preface.length; index++) {
    if (index === first.byteLength) return undefined
    if (first[index] !== preface.charCodeAt(index)) return 'http1'
  }
  return 'http2'
}
