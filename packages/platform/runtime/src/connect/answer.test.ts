import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dispatcher } from '../dispatch.ts'
import { defaultLimits } from '../limits.ts'
import { enveloped } from '../rpc/envelope.ts'
import { exchange, notesDispatcher, type Received, type Sent } from '../rpc/fixtures/exchange.ts'
import { decode, encode, frame, framesOf } from '../rpc/fixtures/notes-codec.ts'

let dispatcher: Dispatcher
beforeAll(async () => {
  dispatcher = await notesDispatcher()
})

function call(method: string, type: string, body: Uint8Array, more: Partial<Sent> = {}): Promise<Received> {
  return exchange(dispatcher, {
    path: `/notes.Notes/${method}`,
    body: [body],
    trailers: false,
    ...more,
    headers: { 'content-type': type, ...more.headers },
  })
}

const json = (method: string, input: object, more: Partial<Sent> = {}): Promise<Received> =>
  call(method, 'application/json', Buffer.from(JSON.stringify(input)), more)

const parsed = ({ body }: Received): unknown => JSON.parse(body.toString())

describe('a unary call', () => {
  it('in JSON is answered in JSON', async () => {
    const answer = await json('Echo', { text: 'Grüße' }, { headers: { 'connect-protocol-version': '1' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('content-length')).toBe(String(answer.body.byteLength))
    expect(parsed(answer)).toEqual({ text: 'Grüße' })
  })

  it('in protobuf is answered in protobuf', async () => {
    const answer = await call('Echo', 'application/proto', encode('notes.EchoRequest', { text: 'hi' }))
    expect(answer.headers.get('content-type')).toBe('application/proto')
    expect(decode('notes.EchoResponse', answer.body)).toEqual({ text: 'hi' })
  })

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'may come as %s',
    async (type) => {
      expect(parsed(await call('Echo', type, Buffer.from('{"text":"hi"}')))).toEqual({ text: 'hi' })
    },
  )

  it('says typed errors as details, readable for people too', async () => {
    const answer = await json('Fail', { how: 'full' })
    expect(answer.status).toBe(429)
    const { details, ...error } = parsed(answer) as {
      details: { type: string; value: string; debug: unknown }[]
    }
    expect(error).toEqual({ code: 'resource_exhausted', message: 'no room left' })
    expect(details.map(({ type, debug }) => ({ type, debug }))).toEqual([
      { type: 'notes.FailFullError', debug: { quotaBytes: 10 } },
    ])
    expect(decode('notes.FailFullError', Buffer.from(details[0]!.value, 'base64'))).toEqual({
      quotaBytes: 10,
    })
  })

  it('is answered with the status of the code', async () => {
    expect((await json('Create', { folder: 'a' })).status).toBe(400)
    expect((await json('Me', {})).status).toBe(401)
    expect((await json('Inside', {})).status).toBe(403)
    expect((await json('Fail', { how: 'gone' })).status).toBe(404)
    expect((await json('Fail', { how: 'crash' })).status).toBe(500)
    const late = await json('Wait', { heed: false }, { headers: { 'connect-timeout-ms': '20' } })
    expect([late.status, parsed(late)]).toEqual([
      504,
      { code: 'deadline_exceeded', message: 'the deadline passed' },
    ])
  })

  it('comes at once when the caller has no time left', async () => {
    const late = await json('Echo', { text: 'a' }, { headers: { 'connect-timeout-ms': '0' } })
    expect([late.status, parsed(late)]).toEqual([
      504,
      { code: 'deadline_exceeded', message: 'the deadline passed' },
    ])
  })

  it('is for those who may call it', async () => {
    expect(parsed(await json('Me', {}, { headers: { authorization: 'Bearer ada' } }))).toEqual({ id: 'ada' })
  })

  it('may be compressed, and so is the answer where that is worth it', async () => {
    const text = 'hello '.repeat(1000)
    const packed = gzipSync(JSON.stringify({ text }))
    const answer = await call('Echo', 'application/json', packed, { headers: { 'content-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(gunzipSync(answer.body).toString())).toEqual({ text })
    const plain = await call('Echo', 'application/json', packed, {
      headers: { 'content-encoding': 'gzip', 'accept-encoding': 'br' },
    })
    expect(parsed(plain)).toEqual({ text })
  })

  it('must not be too large, nor become so when it is unpacked', async () => {
    const large = Buffer.from(JSON.stringify({ text: 'a'.repeat(defaultLimits.jsonBodyBytes) }))
    expect((await call('Echo', 'application/json', large)).status).toBe(429)
    const bomb = await call('Echo', 'application/json', gzipSync(large), {
      headers: { 'content-encoding': 'gzip' },
    })
    expect([bomb.status, parsed(bomb)]).toMatchObject([429, { code: 'resource_exhausted' }])
  })

  it.each([
    { name: 'no JSON', body: '{', headers: {}, code: 'invalid_argument' },
    { name: 'no object', body: '[]', headers: {}, code: 'invalid_argument' },
    {
      name: 'another version',
      body: '{}',
      headers: { 'connect-protocol-version': '2' },
      code: 'invalid_argument',
    },
    {
      name: 'a deadline in words',
      body: '{}',
      headers: { 'connect-timeout-ms': 'soon' },
      code: 'invalid_argument',
    },
    { name: 'another compression', body: '{}', headers: { 'content-encoding': 'br' }, code: 'unimplemented' },
    { name: 'no gzip', body: '{}', headers: { 'content-encoding': 'gzip' }, code: 'invalid_argument' },
  ])('is refused for $name', async ({ body, headers, code }) => {
    const answer = await call('Echo', 'application/json', Buffer.from(body), {
      headers: headers as Record<string, string>,
    })
    expect(parsed(answer)).toMatchObject({ code })
    expect(answer.status).toBeLessThan(code === 'unimplemented' ? 502 : 500)
  })

  it.each(['application/connect+json', 'text/plain', 'application/xml', 'multipart/form-data; boundary=x'])(
    'does not come as %s',
    async (type) => {
      const answer = await call('Echo', type, Buffer.from('{}'))
      expect(answer.status).toBe(415)
      expect(answer.headers.get('accept-post')).toBe('application/json, application/proto')
    },
  )
})

describe('a call by GET', () => {
  const get = (method: string, query: string): Promise<Received> =>
    exchange(dispatcher, { path: `/notes.Notes/${method}`, method: 'GET', query })

  it('has its message in the query', async () => {
    const message = encodeURIComponent('{"text":"Grüße & co"}')
    expect(parsed(await get('Echo', `connect=v1&encoding=json&message=${message}`))).toEqual({
      text: 'Grüße & co',
    })
    const bytes = encode('notes.EchoRequest', { text: 'hi' })
    const proto = await get(
      'Echo',
      `connect=v1&base64=1&encoding=proto&message=${bytes.toString('base64url')}`,
    )
    expect(decode('notes.EchoResponse', proto.body)).toEqual({ text: 'hi' })
    const packed = gzipSync('{"text":"hi"}').toString('base64url')
    const gzip = await get('Echo', `compression=gzip&base64=1&encoding=json&message=${packed}`)
    expect(parsed(gzip)).toEqual({ text: 'hi' })
  })

  it.each([
    { name: 'another version', query: 'connect=v2&encoding=json&message=%7B%7D', status: 400 },
    { name: 'no message', query: 'connect=v1&encoding=json', status: 400 },
    { name: 'another format', query: 'connect=v1&encoding=xml&message=%7B%7D', status: 400 },
    { name: 'another compression', query: 'encoding=json&compression=br&message=%7B%7D', status: 501 },
  ])('is refused for $name', async ({ query, status }) => {
    expect((await get('Echo', query)).status).toBe(status)
  })

  it('is for methods that change nothing', async () => {
    const answer = await get('Fail', 'connect=v1&encoding=json&message=%7B%7D')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    const deleted = await exchange(dispatcher, { path: '/notes.Notes/Echo', method: 'DELETE' })
    expect([deleted.status, deleted.headers.get('allow')]).toEqual([405, 'GET, POST'])
  })
})

describe('streams', () => {
  const endOf = (answer: Received): unknown => {
    const last = framesOf(answer.body).at(-1)!
    expect(last.flags).toBe(2)
    return JSON.parse(last.message.toString())
  }

  it('send each item in an envelope, and how it ended in the last', async () => {
    const answer = await call('Count', 'application/connect+json', enveloped(Buffer.from('{"to":2}'), 0))
    expect(answer.headers.get('content-type')).toBe('application/connect+json')
    expect(framesOf(answer.body).map(({ message }) => JSON.parse(message.toString()))).toEqual([
      { n: '1' },
      { n: '2' },
      {},
    ])
  })

  it('say in the last message that they failed', async () => {
    const answer = await call(
      'Count',
      'application/connect+proto',
      frame('notes.CountRequest', { to: 3, failAt: 2 }),
    )
    expect(framesOf(answer.body)).toHaveLength(2)
    expect(endOf(answer)).toMatchObject({
      error: {
        code: 'unavailable',
        message: 'stuck',
        details: [{ type: 'notes.CountStuckError', debug: { at: 2 } }],
      },
    })
  })

  it('succeed even where nothing begins: the last message says why', async () => {
    const early = await call('Upload', 'application/connect+proto', frame('notes.UploadRequest', {}), {
      headers: { 'connect-timeout-ms': 'soon' },
    })
    expect(early.status).toBe(200)
    expect(early.headers.get('content-type')).toBe('application/connect+proto')
    expect(endOf(early)).toMatchObject({ error: { code: 'invalid_argument' } })
  })

  it('take bytes in pieces', async () => {
    const messages = [
      { path: 'a', body: { contentType: 'text/plain', data: Buffer.from('hel').toString('base64') } },
      { body: { data: Buffer.from('lo').toString('base64') } },
    ].map((message) => enveloped(Buffer.from(JSON.stringify(message)), 0))
    const answer = await call('Upload', 'application/connect+json', Buffer.concat(messages))
    expect(JSON.parse(framesOf(answer.body)[0]!.message.toString())).toEqual({
      path: 'a',
      type: 'text/plain',
      sizeBytes: '5',
    })
  })

  it('compress messages for those who do', async () => {
    const answer = await call(
      'Download',
      'application/connect+proto',
      frame('notes.DownloadRequest', { how: 'text' }),
      { headers: { 'connect-content-encoding': 'gzip' } },
    )
    expect(answer.headers.get('connect-content-encoding')).toBe('gzip')
    expect(endOf(answer)).toEqual({})
  })

  it('do not come as a unary call', async () => {
    const answer = await json('Count', { to: 1 })
    expect(answer.status).toBe(415)
    expect(answer.headers.get('accept-post')).toBe('application/connect+json, application/connect+proto')
  })
})
