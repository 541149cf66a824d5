import { constants as http2 } from 'node:http2'
import { setTimeout as wait } from 'node:timers/promises'
import { byteStream, bytes, contract, endpoint } from '@atlas/contract'
import { servlet } from '@atlas/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ask, Http2Client } from '../../fixtures/http2-client.ts'
import {
  flags,
  frame,
  get,
  greeting,
  headerBlock,
  requestHeaders,
  types,
} from '../../fixtures/http2-frames.ts'
import { RawHttp2 } from '../../fixtures/http2-raw.ts'
import { serveOne } from '../../fixtures/way.ts'
import type { Limits } from '../../limits.ts'
import type { Server } from '../../serve.ts'

const target = contract('target', {
  hello: endpoint({ route: 'GET /hello', access: 'public', output: z.object({ hello: z.string() }) }),
  hold: endpoint({ route: 'GET /hold', access: 'public' }),
  upload: endpoint({ route: 'PUT /upload', access: 'public', body: bytes() }),
  flood: endpoint({ route: 'GET /flood', access: 'public', output: bytes() }),
})

/** What the server did for its clients. */
let began = 0
let aborted = 0
let opened = 0
let made = 0
let released = 0

const targetServlet = servlet(target, {
  hello: async () => ({ hello: 'world' }),
  hold: async (_input, ctx) => {
    began++
    await new Promise((_resolve, reject) =>
      ctx.signal.addEventListener('abort', () => {
        aborted++
        reject(ctx.signal.reason)
      }),
    )
  },
  upload: async ({ body }) => {
    for await (const _chunk of body);
  },
  flood: async () =>
    byteStream(
      new ReadableStream<Uint8Array>({
        start() {
          opened++
        },
        pull(controller) {
          made += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
        cancel() {
          released++
        },
      }),
    ),
})

let server: Server
const clients: RawHttp2[] = []
async function serve(limits: Partial<Limits> = {}): Promise<void> {
  await server?.close({ graceMs: 0 })
  server = await serveOne(targetServlet, { limits })
}
async function connect(): Promise<RawHttp2> {
  const client = await RawHttp2.connect(server.port)
  clients.push(client)
  await client.send(greeting)
  return client
}

beforeEach(async () => {
  began = aborted = opened = made = released = 0
  await serve()
})
afterEach(async () => {
  expect((await ask(server.url, 'GET', '/hello')).body).toBe('{"hello":"world"}')
  for (const client of clients.splice(0)) client.close()
  await server.close({ graceMs: 0 })
})

const calm = http2.NGHTTP2_ENHANCE_YOUR_CALM
const reset = (stream: number) => frame(types.reset, 0, stream, Buffer.from([0, 0, 0, http2.NGHTTP2_CANCEL]))

describe('a client that takes its requests back', () => {
  it.each([
    ['at once, many in a packet', 100],
    ['at once, one in a packet', 1],
  ])('%s, is cut off soon', async (_name, together) => {
    const client = await connect()
    for (let stream = 1; stream < 20_000 && !client.closed; ) {
      const attack = []
      for (let n = 0; n < together; n++, stream += 2) attack.push(get(stream, '/hold'), reset(stream))
      await client.send(...attack)
      if (together === 1) await wait(0)
    }
    await expect.poll(() => client.closed).toBe(true)
    expect(began).toBeLessThan(300)
  })

  it('a moment later is cut off soon, and told why', async () => {
    const client = await connect()
    for (let stream = 1; stream < 2000 && !client.closed; stream += 2) {
      await client.send(get(stream, '/hold'))
      await wait(2)
      await client.send(reset(stream))
    }
    await expect.poll(() => client.closed).toBe(true)
    expect(client.goaway).toBe(calm)
    expect(began).toBeLessThan(300)
  })

  it('now and then is not', async () => {
    const client = await Http2Client.connect(server.url)
    for (let n = 0; n < 500; n++) {
      const stream = client.open('GET', '/hold')
      await client.ask('GET', '/hello')
      stream.close(http2.NGHTTP2_CANCEL)
    }
    expect((await client.ask('GET', '/hello')).status).toBe(200)
    expect(client.goaway).toBe(undefined)
    client.close()
  })

  it('after a while is not', async () => {
    await serve({ hastyResets: 3 })
    const client = await Http2Client.connect(server.url)
    const streams = Array.from({ length: 20 }, () => client.open('GET', '/hold'))
    await wait(1200)
    for (const stream of streams) stream.close(http2.NGHTTP2_CANCEL)
    await expect.poll(() => client.ask('GET', '/hello')).toMatchObject({ status: 200 })
    client.close()
  })

  it('is forgiven with time', async () => {
    await serve({ hastyResets: 20, heartbeatMs: 50 })
    const client = await Http2Client.connect(server.url)
    // 15 a second, of which 2 are forgiven in that time: without it, 21 of them would be too many.
    for (let n = 0; n < 22; n++) {
      const stream = client.open('GET', '/hold')
      await wait(70)
      stream.close(http2.NGHTTP2_CANCEL)
    }
    await wait(50)
    expect((await client.ask('GET', '/hello')).status).toBe(200)
    client.close()
  })
})

describe('a client that floods its connection with', () => {
  const upload = frame(types.headers, flags.endHeaders, 1, requestHeaders('PUT', '/upload'))
  const increment = (by: number) => {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(by)
    return payload
  }

  it.each([
    ['pings', frame(types.ping, 0, 0, Buffer.alloc(8))],
    ['settings', frame(types.settings, 0, 0)],
    ['other settings', frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]))],
  ])('%s is cut off, whether it reads the answers or not', async (_name, flood) => {
    for (const reads of [true, false]) {
      const client = await connect()
      if (!reads) client.socket.pause()
      for (let n = 0; n < 200 && !client.closed; n++) {
        await Promise.race([client.send(...Array(100).fill(flood)), wait(200)])
        await wait(0)
      }
      client.socket.resume()
      await expect.poll(() => client.closed, { timeout: 5000 }).toBe(true)
    }
  })

  it('empty data is cut off', async () => {
    const client = await connect()
    await client.send(upload)
    for (let n = 0; n < 200 && !client.closed; n++)
      await client.send(...Array(100).fill(frame(types.data, 0, 1)))
    await expect.poll(() => client.closed).toBe(true)
  })

  it.each([
    ['priorities', frame(types.priority, 0, 1, Buffer.alloc(5)), 20_000],
    ['unknown frames', frame(99, 0, 1, Buffer.alloc(5)), 20_000],
    ['windows', frame(types.windowUpdate, 0, 0, increment(1)), 20_000],
    ['pushes', frame(types.pushPromise, flags.endHeaders, 1, Buffer.alloc(20)), 1],
    ['windows of nothing', frame(types.windowUpdate, 0, 0, increment(0)), 1],
    ['windows that overflow', frame(types.windowUpdate, 0, 0, increment(2 ** 31 - 1)), 2],
  ])('%s is served or cut off, and costs nobody else', async (_name, flood, count) => {
    const client = await connect()
    for (let n = 0; n < count && !client.closed; n += 1000)
      await client.send(...Array(Math.min(count, 1000)).fill(flood))
    expect((await ask(server.url, 'GET', '/hello')).status).toBe(200)
  })
})

describe('a client that waits for an answer', () => {
  it('and makes a mistake after which Node does not see it leave is let go all the same', async () => {
    await serve({ stallTimeoutMs: 400, heartbeatMs: 50 })
    const client = await connect()
    await client.send(get(1, '/hold'))
    await expect.poll(() => began).toBe(1)
    // The word that it goes, and a frame of the wrong size.
    await client.send(
      frame(types.goaway, 0, 0, Buffer.alloc(8)),
      frame(types.windowUpdate, 0, 0, Buffer.alloc(5)),
    )
    await expect.poll(() => client.goaway).toBe(http2.NGHTTP2_FRAME_SIZE_ERROR)
    client.close()
    await wait(100)
    expect(aborted).toBe(0)
    await expect.poll(() => aborted, { timeout: 5000 }).toBe(1)
  })

  it('and does not answer whether it is there is let go', async () => {
    await serve({ stallTimeoutMs: 400, heartbeatMs: 50 })
    const client = await connect()
    await client.send(get(1, '/hold'))
    await expect.poll(() => aborted, { timeout: 5000 }).toBe(1)
    await expect.poll(() => client.closed).toBe(true)
  })

  it('and does answer that is waited for', async () => {
    await serve({ stallTimeoutMs: 200, heartbeatMs: 50 })
    const client = await Http2Client.connect(server.url)
    client.open('GET', '/hold')
    await wait(1500)
    expect([began, aborted]).toEqual([1, 0])
    client.close()
  })
})

describe('headers over HTTP/2', () => {
  it('that never end are cut off', async () => {
    const client = await connect()
    const block = headerBlock(Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'x'.repeat(100)] as const))
    await client.send(frame(types.headers, flags.endStream, 1, requestHeaders('GET', '/hello')))
    for (let n = 0; n < 1000 && !client.closed; n++) await client.send(frame(types.continuation, 0, 1, block))
    await expect.poll(() => client.closed).toBe(true)
  })

  it('that stop in the middle do not hold their connection', async () => {
    await serve({ keepAliveTimeoutMs: 200 })
    const client = await connect()
    await client.send(frame(types.headers, flags.endStream, 1, requestHeaders('GET', '/hello')))
    await expect.poll(() => client.closed, { timeout: 5000 }).toBe(true)
  })

  it('that are small on the wire and large in memory are refused', async () => {
    const client = await connect()
    // A header of 4,000 bytes is put into the table once, and named by a single byte afterwards.
    const value = 'x'.repeat(4000)
    const stored = Buffer.concat([Buffer.from([0x40]), headerBlock([['x-bomb', value]]).subarray(1)])
    const bomb = Buffer.concat([requestHeaders('GET', '/hello'), stored, Buffer.alloc(10_000, 0x80 + 62)])
    await client.send(frame(types.headers, flags.endStream | flags.endHeaders, 1, bomb))
    await expect.poll(() => client.resets.get(1) ?? client.goaway).toBe(calm)
    expect(client.of('headers')).toEqual([])
  })
})

describe('a client that wants much at once', () => {
  it('gets as many streams as are allowed', async () => {
    await serve({ streams: 10 })
    const client = await connect()
    await expect.poll(() => client.of('settings').length).toBeGreaterThan(1)
    await client.send(frame(types.settings, flags.ack, 0))
    for (let stream = 1; stream < 40; stream += 2) await client.send(get(stream, '/hold'))
    await expect.poll(() => client.closed || client.resets.size).toBeTruthy()
    expect(began).toBe(10)
  })

  it('and reads none of it makes the server hold little, and only for a while', async () => {
    await serve({ stallTimeoutMs: 500 })
    const client = await connect()
    // Windows of nothing: whatever is made has to wait in the server.
    await client.send(frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])))
    for (let stream = 1; stream < 500; stream += 2) await client.send(get(stream, '/flood'))
    await expect.poll(() => client.of('headers').length, { timeout: 5000 }).toBe(250)
    expect(made).toBeLessThan(250 * 4 * 65_536)
    await expect.poll(() => released, { timeout: 5000 }).toBe(250)
    await expect.poll(() => client.resets.size).toBeGreaterThan(0)
  })

  it('and does not even read its connection makes the server hold little, and only for a while', async () => {
    await serve({ stallTimeoutMs: 500, keepAliveTimeoutMs: 500 })
    const client = await connect()
    const window = frame(types.windowUpdate, 0, 0, Buffer.from([0x7f, 0, 0, 0]))
    await client.send(frame(types.settings, 0, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])), window)
    client.socket.pause()
    // All in one go: on a busy machine the connection would be cut off for its stalling before they are sent.
    await client.send(...Array.from({ length: 250 }, (_, n) => get(2 * n + 1, '/flood')))
    // Some are refused, where the connection holds much already.
    await expect.poll(() => opened, { timeout: 10_000 }).toBeGreaterThan(50)
    for (let before = -1; before !== made; ) {
      before = made
      await wait(200)
    }
    expect(made).toBeLessThan(64 * 1024 * 1024)
    await expect.poll(() => opened - released, { timeout: 5000 }).toBe(0)
    // What it does not take after that is not kept for it: nothing is left to wait for.
    await server.close({ graceMs: 60_000 })
    await serve()
  })
})
