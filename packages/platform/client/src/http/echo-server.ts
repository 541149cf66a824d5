import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What arrived of a request. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Serves one test and notes what arrives. The answer is up to the test; requests are read to their end before it. */
export async function serveOnce(
  answer: (response: ServerResponse, request: Received) => unknown,
): Promise<{ readonly baseUrl: string; readonly received: Received[]; readonly closed: Promise<void> }> {
  const received: Received[] = []
  const closed = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    response.on('close', () => closed.resolve())
    const body = Buffer.concat(await request.toArray()).toString()
    const { method = '', url = '', headers } = request
    received.push({ method, url, headers, body })
    await answer(response, received.at(-1)!)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    closed: closed.promise,
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
