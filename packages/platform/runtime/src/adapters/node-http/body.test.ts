import { setTimeout as wait } from 'node:timers/promises'
import { contract, endpoint } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { jsonRequest, request } from '../../fixtures/http-request.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Server } from '../../serve.ts'

const echo = contract('echo', {
  echo: endpoint({
    route: 'POST /echo',
    access: 'public',
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
  }),
})

/** Past the stream of the request when nobody has to be asked before, through it when the caller is looked up first. */
describe.each([
  ['taken as it comes', {}],
  ['that waited for who calls', { authorization: 'Bearer x' }],
])('a whole body %s', (_, signed) => {
  let server: Server
  beforeAll(async () => {
    server = await serveOne(servlet(echo, { echo: async ({ text }) => ({ text }) }), {
      limits: { jsonBodyBytes: 100, jsonBodyTimeoutMs: 60_000 },
      authenticate: async () => {
        await wait(20)
        return {}
      },
    })
  })
  afterAll(() => server.close({ graceMs: 0 }))
  const json = { 'content-type': 'application/json', ...signed }
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
  const whole = (text: string) => jsonRequest('POST', '/echo', JSON.stringify({ text }), signed)

  it('comes in pieces, and its connection serves the next', async () => {
    const client = await RawClient.connect(server.port)
    for (const text of ['abc', 'grüße', '']) {
      const body = JSON.stringify({ text })
      client.send(request('POST', '/echo', { ...json, 'transfer-encoding': 'chunked' }))
      for (const piece of [body.slice(0, 3), body.slice(3, 8), body.slice(8)]) {
        await wait(10)
        if (piece !== '') client.send(chunk(piece))
      }
      client.send('0\r\n\r\n')
      expect((await client.answer('POST')).body).toBe(Buffer.from(body).toString('latin1'))
    }
    client.close()
  })

  it('comes many to a packet, and each gets its own answer in turn', async () => {
    const client = await RawClient.connect(server.port)
    const texts = Array.from({ length: 20 }, (_, index) => `number ${index}`)
    client.send(texts.map(whole).join(''))
    for (const text of texts) expect((await client.answer('POST')).body).toBe(JSON.stringify({ text }))
    client.close()
  })

  it('becomes too large on its way: it is refused, and the rest is not waited for', async () => {
    const client = await RawClient.connect(server.port)
    client.send(request('POST', '/echo', { ...json, 'transfer-encoding': 'chunked' }))
    for (let piece = 0; piece < 3; piece++) {
      client.send(chunk(' '.repeat(50)))
      await wait(10)
    }
    expect((await client.answer('POST')).status).toBe(413)
    for (let piece = 0; piece < 5; piece++) client.send(chunk(' '.repeat(50)))
    await client.rest()
    expect(client.closed).toBe(true)
  })

  it('breaks off, and the server goes on', async () => {
    for (let round = 0; round < 5; round++) {
      const client = await RawClient.connect(server.port)
      client.send(whole('x'.repeat(50)).slice(0, -20))
      await wait(5)
      client.close()
    }
    const client = await RawClient.connect(server.port)
    expect((await client.send(whole('here')).answer('POST')).body).toBe('{"text":"here"}')
    client.close()
  })
})
