import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, constants as http2, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { byteStream, bytes, contract, endpoint, stream } from '@atlas/contract'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import type { Client } from '../client.ts'
import { createClient } from '../create-client.ts'
import { type Http2Transport, http2Transport } from './http2-transport.ts'

const things = contract('things', {
  get: endpoint({ route: 'GET /things', access: 'public', output: z.object({ n: z.int() }) }),
  add: endpoint({
    route: 'POST /things',
    access: 'public',
    input: z.object({ n: z.int() }),
    output: z.object({ n: z.int() }),
  }),
  put: endpoint({ route: 'PUT /content', access: 'public', body: bytes() }),
  load: endpoint({ route: 'GET /content', access: 'public', output: bytes() }),
  items: endpoint({ route: 'GET /items', access: 'public', output: stream(z.object({ n: z.int() })) }),
})

interface Fixture {
  readonly baseUrl: string
  readonly client: Client<typeof things>
  readonly transport: Http2Transport
  readonly sessions: ServerHttp2Session[]
  readonly streams: ServerHttp2Stream[]
}

/** A server that does with streams what the test says, and a client of it. */
async function serve(
  answer: (stream: ServerHttp2Stream, index: number) => unknown,
  options: Parameters<typeof createServer>[0] = {},
  greet: (session: ServerHttp2Session, index: number) => void = () => {},
): Promise<Fixture> {
  const sessions: ServerHttp2Session[] = []
  const streams: ServerHttp2Stream[] = []
  const server = createServer(options)
  server.on('session', (session) => {
    sessions.push(session)
    session.on('error', () => {})
    greet(session, sessions.length)
  })
  server.on('stream', (each) => {
    streams.push(each)
    each.on('error', () => {})
    answer(each, streams.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const transport = http2Transport({ baseUrl })
  onTestFinished(async () => {
    for (const session of sessions) session.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { baseUrl, client: createClient(things, transport), transport, sessions, streams }
}

function respond(each: ServerHttp2Stream, value: unknown = { n: 1 }, status = 200): void {
  each.respond({ ':status': status, 'content-type': 'application/json' })
  each.end(JSON.stringify(value))
}

describe('calls over HTTP/2', () => {
  it('share one connection', async () => {
    const { client, sessions } = await serve((each) => respond(each))
    expect(await client.get()).toEqual({ n: 1 })
    await Promise.all(Array.from({ length: 50 }, () => client.get()))
    expect(sessions).toHaveLength(1)
  })

  it('take another where the server allows no more at once', async () => {
    const { client, sessions } = await serve((each) => setTimeout(respond, 50, each), {
      settings: { maxConcurrentStreams: 2 },
    })
    await client.get()
    await Promise.all(Array.from({ length: 6 }, () => client.get()))
    expect(sessions.length).toBeGreaterThanOrEqual(3)
    const before = sessions.length
    await client.get()
    expect(sessions).toHaveLength(before)
  })

  it('carry JSON both ways, and errors', async () => {
    const { client } = await serve(async (each) => {
      const { n } = JSON.parse(String(Buffer.concat(await each.toArray())))
      if (n < 0) respond(each, { code: 'out_of_range', message: 'too few' }, 400)
      else respond(each, { n: n + 1 })
    })
    expect(await client.add({ n: 1 })).toEqual({ n: 2 })
    await expect(client.add({ n: -1 })).rejects.toMatchObject({ code: 'out_of_range', message: 'too few' })
  })

  it('are unavailable where nobody listens, or nobody speaks HTTP/2', async () => {
    const taken = createTcpServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(taken.address() as AddressInfo).port}`
    const client = createClient(things, http2Transport({ baseUrl }))
    await expect(client.get()).rejects.toMatchObject({ code: 'unavailable' })
    await new Promise((resolve) => taken.close(resolve))
    await expect(client.get()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a request that the server did not look at', () => {
  const refuse = (each: ServerHttp2Stream) => each.close(http2.NGHTTP2_REFUSED_STREAM)

  it('is sent again, whatever it does', async () => {
    const { client, streams } = await serve((each, index) => (index < 3 ? refuse(each) : respond(each)))
    expect(await client.add({ n: 1 })).toEqual({ n: 1 })
    expect(streams).toHaveLength(3)
  })

  it('is sent again elsewhere when the server goes away', async () => {
    const { client, sessions, streams } = await serve(
      (each) => respond(each),
      {},
      (session, index) => {
        if (index < 3) session.close()
      },
    )
    expect(await client.add({ n: 1 })).toEqual({ n: 1 })
    expect([sessions.length, streams.length]).toEqual([3, 1])
  })

  it('is given up after a few times', async () => {
    const { client, streams } = await serve(refuse)
    await expect(client.get()).rejects.toMatchObject({ code: 'unavailable' })
    expect(streams).toHaveLength(3)
  })

  it('is not sent again with a stream that was read already', async () => {
    const { client, streams } = await serve(refuse)
    const body = byteStream(ReadableStream.from([new Uint8Array(3)]), { contentType: 'image/png' })
    await expect(client.put({ body })).rejects.toMatchObject({ code: 'unavailable' })
    expect(streams).toHaveLength(1)
  })
})

describe('a request that the server may have looked at', () => {
  it.each<[string, (each: ServerHttp2Stream) => void]>([
    ['is reset', (each) => each.close(http2.NGHTTP2_INTERNAL_ERROR)],
    ['is cancelled', (each) => each.close(http2.NGHTTP2_CANCEL)],
    ['is closed without an answer', (each) => each.close(http2.NGHTTP2_NO_ERROR)],
    ['loses its connection', (each) => each.session!.destroy()],
    ['loses its connection to an error', (each) => each.session!.destroy(new Error('broken'))],
  ])('and %s is not sent again', async (_name, fail) => {
    const { client, streams } = await serve((each, index) => (index === 1 ? fail(each) : respond(each)))
    await expect(client.get()).rejects.toMatchObject({ code: 'unavailable' })
    expect(streams).toHaveLength(1)
    // Later ones are not held up by it.
    expect(await client.get()).toEqual({ n: 1 })
  })

  it('is answered by a server that goes away, and later ones go elsewhere', async () => {
    const { client, sessions } = await serve(async (each, index) => {
      if (index === 1) {
        each.session!.close()
        await wait(50)
      }
      respond(each)
    })
    const first = client.get()
    await wait(20)
    expect(await client.get()).toEqual({ n: 1 })
    expect(await first).toEqual({ n: 1 })
    expect(sessions).toHaveLength(2)
  })
})

describe('an answer over HTTP/2', () => {
  it.each([
    ['an error', new Error('cut')],
    ['no error', undefined],
  ])('that is cut off with %s is an error, never a short answer', async (_name, reason) => {
    const { client } = await serve(async (each) => {
      each.respond({ ':status': 200, 'content-type': 'image/png' })
      each.write(Buffer.alloc(10))
      await wait(20)
      each.destroy(reason)
    })
    const answer = await client.load()
    await expect(new Response(answer).arrayBuffer()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('that loses its connection is an error, never a short answer', async () => {
    const { client, sessions } = await serve(async (each) => {
      each.respond({ ':status': 200, 'content-type': 'application/x-ndjson' })
      each.write('{"n":1}\n')
      await wait(20)
      sessions[0]!.destroy()
    })
    const seen: number[] = []
    const failed = (async () => {
      for await (const { n } of client.items()) seen.push(n)
    })()
    await expect(failed).rejects.toMatchObject({ code: 'unavailable' })
    expect(seen).toEqual([1])
  })

  it('is taken no faster than it is read', async () => {
    let sent = 0
    const { client } = await serve(async (each) => {
      each.respond({ ':status': 200, 'content-type': 'image/png' })
      for (; sent < 1000 && !each.destroyed; sent++)
        if (!each.write(Buffer.alloc(65_536))) await once(each, 'drain')
      each.end()
    })
    const answer = await client.load()
    await wait(200)
    expect(sent).toBeLessThan(100)
    expect((await new Response(answer).arrayBuffer()).byteLength).toBe(1000 * 65_536)
  })

  it('that is left stops the server', async () => {
    const { client, streams } = await serve((each) => {
      each.respond({ ':status': 200, 'content-type': 'application/x-ndjson' })
      each.write('{"n":1}\n')
    })
    for await (const _item of client.items()) break
    await expect.poll(() => streams[0]!.rstCode).toBe(http2.NGHTTP2_CANCEL)
  })
})

describe('a call over HTTP/2 that is given up', () => {
  it('stops the server', async () => {
    const { client, streams } = await serve(() => {})
    await expect(client.get({}, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await expect.poll(() => streams[0]!.aborted).toBe(true)
  })

  it('does not make its upload look complete', async () => {
    let complete = false
    const { client, streams } = await serve((each) => {
      each.resume()
      each.on('end', () => {
        complete ||= each.rstCode === 0
      })
    })
    const controller = new AbortController()
    const endless = new ReadableStream<Uint8Array>({
      async pull(source) {
        await wait(5)
        source.enqueue(new Uint8Array(10))
      },
    })
    const body = byteStream(endless, { contentType: 'image/png' })
    setTimeout(() => controller.abort(), 50)
    await expect(client.put({ body }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'canceled',
    })
    await expect.poll(() => streams[0]!.closed).toBe(true)
    await wait(50)
    expect(complete).toBe(false)
  })

  it('finds out whether the server is there at all', async () => {
    let connections = 0
    const silent = createTcpServer((socket) => {
      connections++
      socket.resume()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const client = createClient(things, http2Transport({ baseUrl }))
    const call = () => client.get({}, { timeoutMs: 100 }).catch(() => {})
    await call()
    await call()
    expect(connections).toBe(1)
    await expect.poll(() => call().then(() => connections), { timeout: 10_000, interval: 500 }).toBe(2)
  })
})

describe('a transport over HTTP/2', () => {
  it('that closes lets calls finish, and takes no more', async () => {
    const { client, transport, sessions } = await serve((each) => setTimeout(respond, 50, each))
    const call = client.get()
    await expect.poll(() => sessions).toHaveLength(1)
    await transport.close()
    expect(await call).toEqual({ n: 1 })
    await expect(client.get()).rejects.toMatchObject({ code: 'unavailable' })
    await transport.close()
  })

  it('does not keep its process alive when nothing runs over it', async () => {
    const script = `
      import { createClient } from '@atlas/client'
      import { http2Transport } from '@atlas/client/http2'
      import { contract, endpoint } from '@atlas/contract'
      import * as z from 'zod'
      const things = contract('things', {
        get: endpoint({ route: 'GET /things', access: 'public', output: z.object({ n: z.int() }) }),
      })
      const { n } = await createClient(things, http2Transport({ baseUrl: process.argv[1] })).get()
      process.stdout.write(String(n))`
    const { baseUrl } = await serve((each) => setTimeout(respond, 50, each))
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, baseUrl], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = child.stdout.toArray()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(String(Buffer.concat(await output))).toBe('1')
  })
})
