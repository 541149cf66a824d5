import type { ClientHttp2Stream } from 'node:http2'
import type { RequestBody } from '../universal.ts'

/**
 * Sends the body of a request on, no faster than it is taken. Where its client breaks off, the stream is reset, so that
 * nobody takes the half for the whole; where the answer is complete before, the rest is left to whoever reads it away.
 */
export async function upload(body: RequestBody, stream: ClientHttp2Stream): Promise<void> {
  const reader = body.stream().getReader()
  const stop = () => void reader.cancel().catch(() => {})
  stream.once('close', stop)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (stream.closed || stream.destroyed) return
      if (done) break
      if (!stream.write(value)) await taken(stream)
    }
    stream.end()
  } catch (error) {
    stream.destroy(error as Error)
  }
}

function taken(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}
