import { createClient, httpTransport, retrying, type Transport } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import { AtlasError } from '@atlas/contract'
import { inProcessTransport } from '@atlas/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { Probe, probe, probeServlet } from './fixtures/probe.ts'
import { start } from './fixtures/way.ts'
import { type ServeOptions, type Server, serve } from './serve.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const overNetwork: Record<string, (url: string) => Transport> = {
  'HTTP/1.1': (baseUrl) => httpTransport({ baseUrl }),
  'HTTP/2': (baseUrl) => {
    const transport = http2Transport({ baseUrl })
    closing.push(() => transport.close())
    return transport
  },
}

async function probing(options: Omit<ServeOptions, 'instances'> = {}) {
  const test = new Probe()
  const instance = await start(probeServlet(test))
  let server: Server | undefined
  const up = async () => {
    server = await serve({ ...options, port: server?.port ?? 0, instances: () => [instance] })
    return server
  }
  closing.push(() => server?.close({ graceMs: 0 }))
  return { test, up }
}

describe.each(Object.keys(overNetwork))('over %s', (way) => {
  it('a call is sent again to a server that was full, and not before it said', async () => {
    const one = { initial: 1, min: 1, max: 1, maxQueued: 0, overloadedAfterMs: 60_000 }
    const { test, up } = await probing({ overload: one })
    const { url } = await up()
    const transport = overNetwork[way]!(url)
    const held = createClient(probe, transport).hold({})
    await expect.poll(() => test.waiting).toBe(1)
    const waits: number[] = []
    const client = createClient(
      probe,
      retrying(transport, {
        attempts: 5,
        wait: async (delayMs) => {
          waits.push(delayMs)
          test.release()
          await held
        },
      }),
    )
    const sent = client.hold({})
    await expect.poll(() => waits.length === 1 && test.waiting === 1).toBe(true)
    test.release()
    expect(await sent).toEqual({})
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThanOrEqual(1000)
  })

  it('a call is sent again, over a new connection, to a server that is back', async () => {
    const { up } = await probing()
    const first = await up()
    const client = createClient(
      probe,
      retrying(overNetwork[way]!(first.url), {
        wait: async () => {
          await up()
        },
      }),
    )
    expect(await client.hello()).toEqual({ hello: 'world' })
    await first.close()
    expect(await client.hello()).toEqual({ hello: 'world' })
  })

  it('a stream whose server goes away ends with an error that says so', async () => {
    const { up } = await probing()
    const server = await up()
    const client = createClient(probe, retrying(overNetwork[way]!(server.url)))
    const items = client.items({ waitAt: 2 })[Symbol.asyncIterator]()
    expect((await items.next()).value).toEqual({ n: 1 })
    const ended = items.next()
    await Promise.all([
      expect(ended).rejects.toMatchObject({
        code: 'unavailable',
        message: 'the server is shutting down; try again',
      }),
      server.close({ graceMs: 0 }),
    ])
  })
})

it('in the same process, a call is sent again to a servlet that starts', async () => {
  const instance = await start(probeServlet(new Probe()))
  let there = false
  const transport = inProcessTransport(
    () => {
      if (!there) throw new AtlasError('unavailable', 'it starts')
      return instance
    },
    { caller: 'tests' },
  )
  const client = createClient(
    probe,
    retrying(transport, {
      wait: async () => {
        there = true
      },
    }),
  )
  expect(await client.hello()).toEqual({ hello: 'world' })
})
