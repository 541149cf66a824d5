import { AtlasError, type Code, codes, contract, endpoint, error, stream } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { CallRequest, Transport } from '../client.ts'
import { createClient } from '../create-client.ts'
import { backoffMs } from './backoff.ts'
import { RetryBudget } from './retry-budget.ts'
import { type RetryOptions, retrying } from './retrying.ts'

const things = contract('things', {
  get: endpoint({
    route: 'GET /things',
    access: 'public',
    output: z.object({ n: z.int() }),
    errors: { closed: error('unavailable', { until: z.int() }) },
  }),
  add: endpoint({ route: 'POST /things', access: 'public', output: z.object({ n: z.int() }) }),
  find: endpoint({
    route: 'POST /find',
    access: 'public',
    idempotent: true,
    output: z.object({ n: z.int() }),
  }),
  items: endpoint({ route: 'GET /items', access: 'public', output: stream(z.object({ n: z.int() })) }),
})

const away = new AtlasError('unavailable', 'nobody is there')
const busy = new AtlasError('resource_exhausted', 'too many', { data: { retryAfterMs: 2000 } })

/** A transport that fails as it is told and then answers, and what was seen of it. */
function failing(failures: readonly unknown[], options: RetryOptions = {}, afterFirstItem?: AtlasError) {
  const sent: CallRequest[] = []
  const waits: number[] = []
  const left = [...failures]
  const attempt = (request: CallRequest) => {
    sent.push(request)
    if (left.length > 0) throw left.shift()
  }
  const transport: Transport = {
    async unary(request) {
      attempt(request)
      return { n: sent.length }
    },
    async *stream(request) {
      attempt(request)
      yield { n: 1 }
      if (afterFirstItem) throw afterFirstItem
      yield { n: 2 }
    },
  }
  const retried = retrying(transport, {
    random: () => 1,
    wait: async (delayMs) => {
      waits.push(delayMs)
    },
    ...options,
  })
  return { client: createClient(things, retried), sent, waits }
}

describe('a call that fails', () => {
  it('is sent again where that changes nothing, twice at most, later each time', async () => {
    const { client, waits } = failing([away, away])
    expect(await client.get()).toEqual({ n: 3 })
    expect(waits).toEqual([100, 200])
    const given = failing([away, away, away])
    await expect(given.client.get()).rejects.toMatchObject({ code: 'unavailable' })
    expect(given.sent).toHaveLength(3)
  })

  it('is sent once where its endpoint is not idempotent, and again where it says that it is', async () => {
    const { client, sent } = failing([away])
    await expect(client.add()).rejects.toMatchObject({ code: 'unavailable' })
    expect(sent).toHaveLength(1)
    expect(await client.find()).toEqual({ n: 2 })
    expect(await failing([away]).client.find()).toEqual({ n: 2 })
  })

  it.each(Object.keys(codes) as Code[])('with %s is sent again only if that passes', async (code) => {
    const { client, sent } = failing([new AtlasError(code, 'x')])
    await client.get().catch(() => {})
    expect(sent).toHaveLength(code === 'unavailable' ? 2 : 1)
  })

  it('with a typed error has its answer', async () => {
    const { client, sent } = failing([
      new AtlasError('unavailable', 'x', { kind: 'closed', data: { until: 1 } }),
    ])
    expect(await client.get.result()).toMatchObject({ ok: false, error: { kind: 'closed' } })
    expect(sent).toHaveLength(1)
  })

  it('waits for as long as the callee says, and a little', async () => {
    const { client, waits } = failing([busy])
    expect(await client.get()).toEqual({ n: 2 })
    expect(waits).toEqual([2100])
  })

  it('does not wait beyond its deadline, and has what is left of it later', async () => {
    const late = failing([busy])
    await expect(late.client.get({}, { timeoutMs: 2000 })).rejects.toMatchObject({
      code: 'resource_exhausted',
    })
    expect([late.sent.length, late.waits]).toEqual([1, []])
    const { client, sent } = failing([away], {
      wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
    })
    await client.get({}, { timeoutMs: 60_000 })
    expect(sent[1]!.timeoutMs).toBeLessThan(sent[0]!.timeoutMs! - 50)
  })

  it('is not sent again when its caller left meanwhile', async () => {
    const leaving = new AbortController()
    const { client, sent } = failing([away], {
      wait: async () => leaving.abort(),
    })
    await expect(client.get({}, { signal: leaving.signal })).rejects.toMatchObject({ code: 'unavailable' })
    expect(sent).toHaveLength(1)
  })

  it('costs what is called a tenth more, however long it is away', async () => {
    const { client, sent } = failing(Array.from({ length: 10_000 }, () => away))
    for (let call = 0; call < 1000; call++) await client.get().catch(() => {})
    expect(sent.length - 1000).toBeGreaterThan(90)
    expect(sent.length - 1000).toBeLessThanOrEqual(110)
  })

  it('shares the budget that it is given', async () => {
    const budget = new RetryBudget({ ratio: 0, reserve: 1 })
    const [first, second] = [failing([away], { budget }), failing([away], { budget })]
    expect(await first.client.get()).toEqual({ n: 2 })
    await expect(second.client.get()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a stream that fails', () => {
  it('is begun again before its first item, and never after', async () => {
    const seen: number[] = []
    const early = failing([away])
    for await (const { n } of early.client.items()) seen.push(n)
    expect([seen, early.sent.length]).toEqual([[1, 2], 2])
    const broken = failing([away], {}, away)
    const items: number[] = []
    await expect(
      (async () => {
        for await (const { n } of broken.client.items()) items.push(n)
      })(),
    ).rejects.toMatchObject({ code: 'unavailable' })
    expect([items, broken.sent.length]).toEqual([[1], 2])
  })
})

describe('the wait before a retry', () => {
  it('is never shorter than what was said, nor longer than that and its limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
        (retry, random, said) => {
          const delayMs = backoffMs(retry, { firstMs: 100, mostMs: 5000 }, random, said)
          expect(delayMs).toBeGreaterThanOrEqual(said ?? 0)
          expect(delayMs).toBeLessThanOrEqual((said ?? 0) + Math.min(5000, 100 * 2 ** (retry - 1)))
        },
      ),
    )
  })
})
