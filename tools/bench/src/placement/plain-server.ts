/**
 * What the greeter does, without a platform: `node:http`, zod, one route. Run as a process it says its port on standard
 * output; as a worker, in a message.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'
import * as z from 'zod'

const input = z.object({ name: z.string().min(1) })
const output = z.object({ message: z.string() })

const server = createServer((request, response) => {
  const { name } = input.parse({ name: decodeURIComponent(request.url!.split('/')[2] ?? '') })
  const body = JSON.stringify(output.parse({ message: `Hello ${name}` }))
  response.setHeader('content-type', 'application/json').end(body)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  if (parentPort) parentPort.postMessage(port)
  else process.stdout.write(`port ${port}\n`)
})
process.on('disconnect', () => process.exit())
