import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Takes spans, as a collector does, and forgets them. */
export interface Collector {
  readonly url: string
  /** Requests with spans that came. */
  readonly batches: number
  close(): Promise<void>
}

/** Starts a collector, so that servers with telemetry have somebody to send spans to. */
export async function startCollector(): Promise<Collector> {
  let batches = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      batches++
      // An empty ExportTraceServiceResponse.
      response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get batches() {
      return batches
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
