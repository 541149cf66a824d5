import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dispatcher } from '../dispatch.ts'
import { defaultLimits } from '../limits.ts'
import { enveloped } from '../rpc/envelope.ts'
import { Exchange, exchange, notesDispatcher, type Received, type Sent } from '../rpc/fixtures/exchange.ts'
import { decode, encode, frame, framesOf } from '../rpc/fixtures/notes-codec.ts'

let dispatcher: Dispatcher
beforeAll(async () => {
  dispatcher = await notesDispatcher()
})

const grpc = { 'content-type': 'application/grpc', te: 'trailers' }

function call(method: string, body: readonly Uint8Array[], more: Partial<Sent> = {}): Promise<Received> {
  const headers = { ...grpc, ...more.headers }
  return exchange(dispatcher, { path: `/notes.Notes/${method}`, body, ...more, headers })
}

/** The status of a call, with its details: in the trailers, or in the headers where there is nothing else. */
function statusOf({ headers, trailers, status }: Received) {
  const from = trailers.has('grpc-status') ? trailers : headers
  const bytes = from.get('grpc-status-details-bin')
  const { details } = (
    bytes ? decode('google.rpc.Status', Buffer.from(bytes, 'base64')) : { details: [] }
  ) as {
    details: { typeUrl: string; value: Uint8Array }[]
  }
  return {
    status,
    code: from.get('grpc-status'),
    message: decodeURIComponent(from.get('grpc-message') ?? ''),
    details: details.map(({ typeUrl, value }) => {
      const type = typeUrl.replace('type.googleapis.com/', '')
      return { type, value: decode(type, Buffer.from(value)) }
    }),
  }
}

describe('a unary call', () => {
  it('is answered with one message and a status', async () => {
    const { status, headers, body, trailers } = await call('Echo', [
      frame('notes.EchoRequest', { text: 'hi' }),
    ])
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/grpc+proto')
    expect(headers.get('grpc-accept-encoding')).toBe('gzip, identity')
    expect(framesOf(body).map(({ message }) => decode('notes.EchoResponse', message))).toEqual([
      { text: 'hi' },
    ])
    expect([...trailers]).toEqual([['grpc-status', '0']])
  })

  it('may speak JSON', async () => {
    const body = [enveloped(Buffer.from('{"folder":"a","title":"b","place":{"row":"1"}}'), 0)]
    const answer = await call('Create', body, { headers: { 'content-type': 'application/grpc+json' } })
    expect(answer.headers.get('content-type')).toBe('application/grpc+json')
    expect(JSON.parse(framesOf(answer.body)[0]!.message.toString())).toEqual({
      folder: 'a',
      title: 'b',
      stars: '3',
      tags: [],
      place: { row: '1', column: '0' },
    })
  })

  it('says typed errors in the details of its status, without a body', async () => {
    const answer = await call('Fail', [frame('notes.FailRequest', { how: 'full' })])
    expect(answer.body).toHaveLength(0)
    expect(answer.trailers.size).toBe(0)
    expect(statusOf(answer)).toEqual({
      status: 200,
      code: '8',
      message: 'no room left',
      details: [{ type: 'notes.FailFullError', value: { quotaBytes: 10 } }],
    })
  })

  it('says what is wrong with an input as BadRequest', async () => {
    const answer = await call('Create', [frame('notes.CreateRequest', { folder: 'a', title: '' })])
    expect(statusOf(answer)).toMatchObject({
      code: '3',
      details: [{ type: 'google.rpc.BadRequest', value: { fieldViolations: [{ field: 'title' }] } }],
    })
  })

  it('says data of other errors as Struct', async () => {
    const answer = await call('Fail', [frame('notes.FailRequest', { how: 'plain' })])
    expect(statusOf(answer)).toMatchObject({
      code: '10',
      details: [{ type: 'google.protobuf.Struct', value: { fields: { by: { stringValue: 'bob' } } } }],
    })
  })

  it('says nothing of what crashed', async () => {
    const answer = await call('Fail', [frame('notes.FailRequest', { how: 'crash' })])
    expect(statusOf(answer)).toEqual({ status: 200, code: '13', message: 'internal error', details: [] })
  })

  it('is for those who may call it', async () => {
    const body = [frame('notes.MeRequest', {})]
    expect(statusOf(await call('Me', body)).code).toBe('16')
    expect(statusOf(await call('Inside', body)).code).toBe('7')
    const { body: answer } = await call('Me', body, { headers: { authorization: 'Bearer ada' } })
    expect(decode('notes.MeResponse', framesOf(answer)[0]!.message)).toEqual({ id: 'ada' })
  })

  it('takes exactly one message', async () => {
    const one = frame('notes.EchoRequest', { text: 'hi' })
    expect(statusOf(await call('Echo', [])).code).toBe('12')
    expect(statusOf(await call('Echo', [one, one])).code).toBe('12')
    for (const cut of [one.subarray(0, 3), one.subarray(0, -1)])
      expect(statusOf(await call('Echo', [cut])).code).toBe('3')
  })

  it('ends at its deadline', async () => {
    const sent = {
      path: '/notes.Notes/Wait',
      headers: { ...grpc, 'grpc-timeout': '30m' },
      body: [frame('notes.WaitRequest', { heed: false })],
    }
    const late = new Exchange(dispatcher, sent)
    const before = Date.now()
    expect(statusOf(await late.receive())).toMatchObject({ code: '4', message: 'the deadline passed' })
    expect(late.scope.deadline! - before).toBeLessThan(1000)
  })

  it.each(['', '1', 'm', '123456789m', '1.5S', '-1S', '1s', '1 S'])(
    'refuses the deadline %j',
    async (timeout) => {
      const answer = await call('Echo', [frame('notes.EchoRequest', {})], {
        headers: { 'grpc-timeout': timeout },
      })
      expect(statusOf(answer).code).toBe('3')
    },
  )

  it('is late at once when the caller has no time left', async () => {
    const answer = await call('Echo', [frame('notes.EchoRequest', { text: 'a' })], {
      headers: { 'grpc-timeout': '0m' },
    })
    expect(statusOf(answer)).toMatchObject({ code: '4', message: 'the deadline passed' })
  })

  it.each(['1H', '99999999H', '1M', '10S', '10000m', '99999999u', '99999999n'])(
    'takes the deadline %s',
    async (timeout) => {
      const answer = await call('Echo', [frame('notes.EchoRequest', { text: 'a' })], {
        headers: { 'grpc-timeout': timeout },
      })
      expect(statusOf(answer).code).toBe('0')
    },
  )
})

describe('a message', () => {
  it('may be compressed, and so is the answer to it where that is worth it', async () => {
    const text = 'hello '.repeat(1000)
    const packed = enveloped(gzipSync(encode('notes.EchoRequest', { text })), 1)
    const { headers, body } = await call('Echo', [packed], { headers: { 'grpc-encoding': 'gzip' } })
    const [answer] = framesOf(body)
    expect([headers.get('grpc-encoding'), answer!.flags]).toEqual(['gzip', 1])
    expect(decode('notes.EchoResponse', gunzipSync(answer!.message))).toEqual({ text })
    const small = await call('Echo', [frame('notes.EchoRequest', { text: 'hi' })], {
      headers: { 'grpc-encoding': 'gzip' },
    })
    expect(framesOf(small.body)[0]!.flags).toBe(0)
  })

  it('is not compressed for a caller who cannot read that', async () => {
    const packed = enveloped(gzipSync(encode('notes.EchoRequest', { text: 'a'.repeat(5000) })), 1)
    const { headers, body } = await call('Echo', [packed], {
      headers: { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'identity' },
    })
    expect([headers.get('grpc-encoding'), framesOf(body)[0]!.flags]).toEqual([undefined, 0])
  })

  it('must not be packed with something else, or not at all where it says so', async () => {
    const body = [frame('notes.EchoRequest', { text: 'hi' }, 1)]
    const other = await call('Echo', body, { headers: { 'grpc-encoding': 'br' } })
    expect(statusOf(other).code).toBe('12')
    expect(other.headers.get('grpc-accept-encoding')).toBe('gzip, identity')
    expect(statusOf(await call('Echo', body)).code).toBe('13')
    expect(statusOf(await call('Echo', body, { headers: { 'grpc-encoding': 'gzip' } })).code).toBe('3')
  })

  it('must not be too large, nor become so when it is unpacked', async () => {
    const large = encode('notes.EchoRequest', { text: 'a'.repeat(defaultLimits.jsonBodyBytes) })
    expect(statusOf(await call('Echo', [enveloped(large, 0)])).code).toBe('8')
    const bomb = enveloped(gzipSync(large), 1)
    expect(bomb.byteLength).toBeLessThan(10_000)
    expect(statusOf(await call('Echo', [bomb], { headers: { 'grpc-encoding': 'gzip' } })).code).toBe('8')
    expect(statusOf(await call('Upload', [bomb], { headers: { 'grpc-encoding': 'gzip' } })).code).toBe('8')
  })
})

describe('streams', () => {
  it('send each item, and the status at the end', async () => {
    const { body, trailers } = await call('Count', [frame('notes.CountRequest', { to: 3 })])
    expect(framesOf(body).map(({ message }) => decode('notes.CountResponse', message))).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ])
    expect(trailers.get('grpc-status')).toBe('0')
  })

  it('say in the trailers that they failed', async () => {
    const answer = await call('Count', [frame('notes.CountRequest', { to: 3, failAt: 2 })])
    expect(framesOf(answer.body)).toHaveLength(1)
    expect(answer.headers.has('grpc-status')).toBe(false)
    expect(statusOf(answer)).toMatchObject({
      code: '14',
      details: [{ type: 'notes.CountStuckError', value: { at: 2 } }],
    })
  })

  it('take bytes in pieces, and give them in pieces', async () => {
    const pieces = [
      frame('notes.UploadRequest', {
        path: 'a/b',
        note: 'n',
        body: { contentType: 'text/plain', data: Buffer.from('hel') },
      }),
      frame('notes.UploadRequest', {}),
      frame('notes.UploadRequest', { body: { data: Buffer.from('lo') } }),
    ]
    const { body } = await call('Upload', pieces)
    expect(framesOf(body).map(({ message }) => decode('notes.UploadResponse', message))).toEqual([
      { path: 'a/b', note: 'n', type: 'text/plain', sizeBytes: 5 },
    ])
    const { body: bytes } = await call('Download', [frame('notes.DownloadRequest', { how: 'text' })])
    expect(framesOf(bytes).map(({ message }) => decode('google.api.HttpBody', message))).toEqual([
      { contentType: 'text/plain; charset=utf-8', data: Buffer.from('Grüße'), extensions: [] },
    ])
  })

  it('name the media type of no bytes at all', async () => {
    const { body } = await call('Download', [frame('notes.DownloadRequest', { how: 'empty' })])
    expect(framesOf(body).map(({ message }) => decode('google.api.HttpBody', message))).toEqual([
      { contentType: 'application/octet-stream', data: new Uint8Array(), extensions: [] },
    ])
  })

  it('keep to the types and sizes of the contract', async () => {
    const upload = (contentType: string, size: number) =>
      call('Upload', [
        frame('notes.UploadRequest', { path: 'a', body: { contentType, data: Buffer.alloc(size) } }),
      ])
    expect(statusOf(await upload('video/mp4', 1)).code).toBe('3')
    expect(statusOf(await upload('image/png', 1001)).code).toBe('8')
    expect(statusOf(await upload('image/png', 1000)).code).toBe('0')
  })

  it('end with an error where the last message of the caller does not end', async () => {
    const first = frame('notes.UploadRequest', { path: 'a', body: { contentType: 'image/png' } })
    const answer = await call('Upload', [first, first.subarray(0, -1)])
    expect(statusOf(answer)).toMatchObject({ code: '3', message: 'the last message ends too early' })
  })
})

describe('what is no call', () => {
  it('of a method that is not there is unimplemented', async () => {
    for (const path of ['/notes.Notes/Nothing', '/other.Other/Echo', '/', '/echo/hi', '/notes.Notes'])
      expect(statusOf(await exchange(dispatcher, { path, headers: grpc, body: [] }))).toMatchObject({
        status: 200,
        code: '12',
      })
  })

  it.each([
    { name: 'another method than POST', more: { method: 'GET' }, status: 405 },
    { name: 'another format', more: { headers: { 'content-type': 'application/grpc+thrift' } }, status: 415 },
    { name: 'a connection without trailers', more: { trailers: false }, status: 505 },
    { name: 'gRPC-Web', more: { headers: { 'content-type': 'application/grpc-web+proto' } }, status: 415 },
  ])('is answered in plain HTTP: $name', async ({ more, status }) => {
    const answer = await call('Echo', [frame('notes.EchoRequest', { text: 'a' })], more as Partial<Sent>)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.has('grpc-status')).toBe(false)
  })
})
