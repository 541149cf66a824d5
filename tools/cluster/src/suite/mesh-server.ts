import { join } from 'node:path'
import type { ImageRecipe } from '../images.ts'

const root = join(import.meta.dirname, '../../../..')

/**
 * A server of gRPC over HTTP/2 without TLS, and nothing else: a proxy that spoke HTTP/1.1 to it would get no answer. It says
 * which release it is, ends when what it serves has ended, and counts what is uploaded.
 */
const server = `
const { createServer } = require('node:http2')
const { createHash } = require('node:crypto')
const { setTimeout: sleep } = require('node:timers/promises')
const release = process.env.RELEASE
const frame = (text) => {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
const grpc = { ':status': 200, 'content-type': 'application/grpc' }
const body = async (stream) => {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8', 5)
}
const answer = (stream, status, message) => {
  stream.respond(grpc, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': message, 'x-release': release }))
}
const methods = {
  '/spike.Spike/Echo': async (stream) => {
    const text = await body(stream)
    answer(stream, '0', '')
    stream.end(frame(text))
  },
  '/spike.Spike/Fail': async (stream) => {
    await body(stream)
    answer(stream, '9', 'not%20now')
    stream.end(frame('half'))
  },
  '/spike.Spike/Count': async (stream) => {
    const { messages, everyMs } = JSON.parse(await body(stream))
    answer(stream, '0', '')
    for (let i = 0; i < messages && !stream.destroyed; i++) {
      stream.write(frame(String(i)))
      await sleep(everyMs)
    }
    stream.end()
  },
  '/upload': async (stream) => {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of stream) {
      hash.update(chunk)
      bytes += chunk.length
    }
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(JSON.stringify({ bytes, sha256: hash.digest('hex'), release }))
  },
  '/healthz': async (stream) => {
    stream.respond({ ':status': 200 })
    stream.end('ok')
  },
  '/headers': async (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(JSON.stringify({ subject: headers['x-subject'], release }))
  },
}
const sessions = new Set()
const listening = createServer().on('session', (session) => {
  sessions.add(session)
  session.on('close', () => sessions.delete(session))
}).on('stream', (stream, headers) => {
  stream.on('error', () => {})
  const method = methods[headers[':path']]
  if (method) method(stream, headers).catch(() => stream.destroy())
  else { stream.respond({ ':status': 404 }); stream.end() }
}).listen(8080)
process.on('SIGTERM', async () => {
  // Gateways hear of its end before it refuses connections. preStop.sleep would do it, but Flagger's primary loses that field.
  await sleep(5000)
  listening.close(() => process.exit(0))
  for (const session of sessions) session.close()
})
`

/** The image of {@link server}. */
export const meshImage: ImageRecipe = {
  name: 'mesh',
  tag: '2',
  contents: {
    files: {
      '/usr/local/bin/node': { from: join(root, 'node_modules/node/bin/node') },
      '/server.js': { text: server },
    },
    withLibrariesOf: ['/usr/local/bin/node'],
    entrypoint: ['/usr/local/bin/node', '/server.js'],
  },
}
