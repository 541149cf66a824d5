import { Agent, type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'

/** An answer to a POST. */
export interface PostAnswer {
  readonly status: number
  /** Undefined where the server named none. */
  readonly retryAfterMs: number | undefined
  readonly body: Uint8Array
}

/** Sends one body. Rejects when there was no answer in time. */
export type Post = (
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<PostAnswer>

/** An answer that is longer is no answer of a collector. */
const longestAnswer = 64 * 1024

/**
 * Sends bodies to one address over connections that are kept. On Node's `http` and not `fetch`, which costs every process
 * the loading of another HTTP client.
 */
export function postTo(url: URL, timeoutMs: number): { readonly post: Post; close(): void } {
  const secure = url.protocol === 'https:'
  const agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  const send = secure ? requestHttps : requestHttp
  const post: Post = (body, headers, signal) =>
    new Promise((resolve, reject) => {
      const request: ClientRequest = send(url, {
        agent,
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.byteLength) },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      request.on('error', reject)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.byteLength
          if (size > longestAnswer)
            response.destroy(new Error(`the answer is longer than ${longestAnswer} bytes`))
          else chunks.push(chunk)
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            retryAfterMs: retryAfterMs(response.headers['retry-after']),
            body: Buffer.concat(chunks),
          }),
        )
      })
      request.end(body)
    })
  return { post, close: () => agent.destroy() }
}

function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
