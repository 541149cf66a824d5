/**
 * A server for the public conformance suite (https://github.com/connectrpc/conformance): it reads from its standard input what
 * to be like, and writes where it listens to its standard output. A message there comes after its size in four bytes.
 */
import { startServer } from '../adapters/front/server.ts'
import { createDispatcher } from '../dispatch.ts'
import { defaultLimits } from '../limits.ts'
import { protoCodec } from '../protobuf/message-codec.ts'
import { protoTypes } from '../protobuf/types.ts'
import type { ServerCompatRequest } from './messages.ts'
import { conformanceService } from './service.ts'
import { conformanceFile } from './service-file.ts'

const types = protoTypes([conformanceFile])

async function wanted(): Promise<ServerCompatRequest> {
  let bytes = Buffer.alloc(0)
  for await (const chunk of process.stdin) {
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.byteLength >= 4 && bytes.byteLength >= 4 + bytes.readUInt32BE()) break
  }
  const codec = protoCodec(types, 'connectrpc.conformance.v1.ServerCompatRequest')
  return codec.decode(bytes.subarray(4)) as ServerCompatRequest
}

const { useTls, clientTlsCert, messageReceiveLimit, serverCreds } = await wanted()
const limits = {
  ...defaultLimits,
  ...(messageReceiveLimit > 0 ? { jsonBodyBytes: messageReceiveLimit } : {}),
}
const dispatcher = createDispatcher({
  instances: () => [],
  documents: undefined,
  platform: () => [conformanceService],
  listener: 'public',
  authenticate: undefined,
  ready: () => true,
  state: undefined,
  limits,
})
const tls =
  useTls && serverCreds
    ? {
        cert: Buffer.from(serverCreds.cert),
        key: Buffer.from(serverCreds.key),
        ...(clientTlsCert.byteLength > 0
          ? { ca: Buffer.from(clientTlsCert), requestCert: true, rejectUnauthorized: true }
          : {}),
      }
    : undefined
const { port } = await startServer({
  dispatcher,
  host: '127.0.0.1',
  port: 0,
  tls: tls as Parameters<typeof startServer>[0]['tls'],
  limits,
  onRequest: undefined,
})
const codec = protoCodec(types, 'connectrpc.conformance.v1.ServerCompatResponse')
const answer = codec.encode(
  { host: '127.0.0.1', port, pemCert: tls && serverCreds ? serverCreds.cert : new Uint8Array() },
  4,
)
answer.writeUInt32BE(answer.byteLength - 4)
process.stdout.write(answer)
