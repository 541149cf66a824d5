import assert from 'node:assert/strict'
import { credentials, Client as GrpcClient } from '@grpc/grpc-js'
import type { At, ProductCase } from './case.ts'
import { somebody } from './somebody.ts'

/** What the product looks like on the wire, to those who have no client of ours. */
export const wires: readonly ProductCase[] = [
  {
    name: 'plain HTTP: JSON in and out',
    run: async ({ url }) => {
      const response = await fetch(`${url}/greet/ada`)
      assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/json')
      assert.deepEqual(await response.json(), { message: 'Hello ada' })
    },
  },
  {
    name: 'an error is a document with its code',
    run: async (at) => {
      const { token } = await somebody(at)
      const headers = { authorization: `Bearer ${token}` }
      const missing = await fetch(`${at.url}/files/nothing`, { headers })
      assert.equal(missing.status, 404)
      assert.deepEqual(await missing.json(), {
        code: 'not_found',
        message: 'no such file',
        kind: 'noSuchFile',
        data: {},
      })
      const nowhere = await fetch(`${at.url}/nowhere`)
      assert.equal(((await nowhere.json()) as { code: string }).code, 'unimplemented')
      assert.equal((await fetch(`${at.url}/greet/ada`, { method: 'DELETE' })).status, 405)
    },
  },
  {
    name: 'a deprecated endpoint answers, and says until when',
    run: async (at) => {
      const { account, password } = await somebody(at)
      const response = await fetch(`${at.url}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: account.email, password }),
      })
      assert.equal(response.status, 200)
      // RFC 9745: a date as seconds since 1970. RFC 8594: a date as HTTP writes them.
      assert.match(response.headers.get('deprecation') ?? '', /^@\d+$/)
      const sunset = Date.parse(response.headers.get('sunset') ?? '')
      assert.ok(sunset > Date.now(), 'the end is still to come')
    },
  },
  {
    name: 'a stream is server-sent events for whoever asks for them',
    run: async (at) => {
      const ada = await somebody(at)
      await ada.files.upload({ path: 'a', body: 'a' })
      const enough = new AbortController()
      const response = await fetch(`${at.url}/changes`, {
        headers: { authorization: `Bearer ${ada.token}`, accept: 'text/event-stream' },
        signal: enough.signal,
      })
      assert.equal(response.headers.get('content-type')?.split(';')[0], 'text/event-stream')
      let text = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        if (/\n\n/.test(text)) break
      }
      enough.abort()
      const data = /^data: ?(.*)$/m.exec(text)?.[1] ?? ''
      assert.equal(JSON.parse(data).file.path, 'a')
    },
  },
  {
    name: 'gRPC on the same port, with typed errors as statuses',
    run: async (at) => {
      // A message with one string in field 1; what is sent and what comes back look the same.
      const greeted = await grpc(at, '/greeter.Greeter/Greet', stringField('ada'))
      assert.equal(greeted.subarray(2).toString(), 'Hello ada')
      await assert.rejects(grpc(at, '/files.Files/Stat', stringField('a')), { code: 16 })
      await assert.rejects(grpc(at, '/greeter.Greeter/Greet', Buffer.alloc(0)), { code: 3 })
    },
  },
  {
    name: 'a mounted app answers below its prefix',
    run: async ({ url }) => {
      const home = await fetch(`${url}/legacy/pricing`)
      assert.equal(home.url, `${url}/legacy/`)
      assert.match(await home.text(), /200 GB/)
      assert.equal(((await (await fetch(`${url}/legacy/plans.json`)).json()) as unknown[]).length, 3)
    },
  },
]

function stringField(text: string): Buffer {
  return Buffer.from([0x0a, text.length, ...Buffer.from(text)])
}

/** One unary call. Rejects with the status, whose `code` is gRPC's number. */
function grpc({ url }: At, method: string, message: Buffer): Promise<Buffer> {
  const client = new GrpcClient(new URL(url).host, credentials.createInsecure())
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const same = (bytes: Buffer) => bytes
  client.makeUnaryRequest(method, same, same, message, (error, answer) =>
    error ? reject(error) : resolve(answer!),
  )
  return promise.finally(() => client.close())
}
