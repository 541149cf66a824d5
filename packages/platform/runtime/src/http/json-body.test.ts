import { contract, endpoint } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { jsonRequest, request } from '../fixtures/http-request.ts'
import { once } from '../fixtures/raw-client.ts'
import { serveOne } from '../fixtures/way.ts'
import type { Server } from '../serve.ts'

const echo = contract('echo', {
  echo: endpoint({
    route: 'POST /echo/{id}',
    access: 'public',
    input: z.object({ id: z.string(), text: z.string().optional() }),
    output: z.object({ id: z.string(), text: z.string().optional() }),
  }),
})

describe('a JSON body', () => {
  let server: Server
  beforeAll(async () => {
    server = await serveOne(servlet(echo, { echo: async ({ id, text }) => ({ id, text }) }), {
      limits: { jsonBodyBytes: 100 },
    })
  })
  afterAll(() => server.close({ graceMs: 0 }))
  const send = (text: string | Uint8Array, method = 'POST') => once(server.port, text, method)
  const post = (body: string, headers = {}) => send(jsonRequest('POST', '/echo/7', body, headers))

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'may be %s',
    async (type) => {
      expect((await post('{"text":"x"}', { 'content-type': type })).status).toBe(200)
    },
  )

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('may not be %s', async (type) => {
    expect(await post('{"text":"x"}', { 'content-type': type })).toMatchObject({
      status: 415,
      body: expect.stringContaining(`send JSON in UTF-8 with 'content-type: application/json'`),
    })
  })

  it('must say its type', async () => {
    expect((await send(request('POST', '/echo/7', {}, '{"text":"x"}'))).status).toBe(415)
    const chunked = request('POST', '/echo/7', { 'transfer-encoding': 'chunked' })
    expect((await send(`${chunked}2\r\n{}\r\n0\r\n\r\n`)).status).toBe(415)
  })

  it('may be absent or empty, with a type or without', async () => {
    for (const text of [
      request('POST', '/echo/7'),
      request('POST', '/echo/7', {}, ''),
      request('POST', '/echo/7', { 'content-type': 'application/json' }, ''),
      `${request('POST', '/echo/7', { 'transfer-encoding': 'chunked' })}0\r\n\r\n`,
    ])
      expect(await send(text)).toMatchObject({ status: 200, body: '{"id":"7"}' })
  })

  it('must not be compressed', async () => {
    expect(await post('{}', { 'content-encoding': 'gzip' })).toMatchObject({
      status: 415,
      body: expect.stringContaining('send the body as it is'),
    })
  })

  it('must be JSON, and the error says where it is not', async () => {
    expect(await post('{"text": x}')).toMatchObject({
      status: 400,
      body: '{"code":"invalid_argument","message":"the body is not JSON: unexpected character at position 9 (line 1, column 10)"}',
    })
    expect((await post('{"text":')).body).toContain('it ends too early at position 8')
  })

  it.each(['null', '[]', '"text"', '1', 'true'])('must be an object, not %s', async (body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      body: expect.stringContaining('must be a JSON object'),
    })
  })

  it('must be UTF-8', async () => {
    const head = request('POST', '/echo/7', { 'content-type': 'application/json', 'content-length': '12' })
    const body = Buffer.from('{"text":"\xff"}', 'latin1')
    expect(await send(Buffer.concat([Buffer.from(head), body]))).toMatchObject({
      status: 400,
      body: expect.stringContaining('UTF-8'),
    })
  })

  it('keeps what is written in escapes', async () => {
    expect(await post('{"text":"\\u00fc\\ud83d\\ude00"}')).toMatchObject({
      status: 200,
      body: Buffer.from('{"id":"7","text":"ü😀"}').toString('latin1'),
    })
  })

  it('cannot change what the path says', async () => {
    expect(await post('{"id":"8"}')).toMatchObject({ status: 200, body: '{"id":"7"}' })
  })

  it('cannot reach prototypes', async () => {
    const answer = await post('{"__proto__":{"text":"x"},"constructor":{"prototype":{"text":"y"}}}')
    expect(answer).toMatchObject({ status: 200, body: '{"id":"7"}' })
    expect({}).not.toHaveProperty('text')
  })

  it('too large is refused before it is sent', async () => {
    const head = request('POST', '/echo/7', { 'content-type': 'application/json', 'content-length': '101' })
    expect(await send(head)).toMatchObject({
      status: 413,
      body: '{"code":"resource_exhausted","message":"the body is larger than 100 bytes"}',
    })
  })

  it('too large is refused as soon as it is, when its size was not said', async () => {
    const head = request('POST', '/echo/7', {
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    })
    expect((await send(`${head}${(101).toString(16)}\r\n${' '.repeat(101)}`)).status).toBe(413)
  })
})
