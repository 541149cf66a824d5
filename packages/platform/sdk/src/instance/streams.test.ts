import { setTimeout as sleep } from 'node:timers/promises'
import { contract, endpoint, error, stream } from '@atlas/contract'
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Context, servlet } from '../index.ts'
import { open } from '../testing/index.ts'
import { currentCall } from './call-scope.ts'

const Item = z.object({ n: z.int() })
const numbers = contract('numbers', {
  count: endpoint({
    route: 'GET /count',
    input: z.object({ to: z.int().default(3) }),
    output: stream(Item),
    errors: { tired: error('resource_exhausted', { after: z.int() }) },
  }),
})
type Count = (
  input: { to: number },
  ctx: Context<(typeof numbers)['endpoints']['count']>,
) => AsyncIterable<{ n: number }>

const opened = (count: Count) => open(servlet(numbers, { count }))

async function collect<T>(items: AsyncIterable<T>): Promise<{ items: T[]; error?: unknown }> {
  const collected: T[] = []
  try {
    for await (const item of items) collected.push(item)
    return { items: collected }
  } catch (reason) {
    return { items: collected, error: reason }
  }
}

async function* upTo({ to }: { to: number }) {
  for (let n = 1; n <= to; n++) yield { n }
}

test('items arrive in order, parsed, and the call begins with the first', async () => {
  const count = vi.fn(({ to }: { to: number }) => upTo({ to }))
  const items = opened(count).count({ to: 2 })
  expect(count).not.toHaveBeenCalled()
  expect(await collect(items)).toEqual({ items: [{ n: 1 }, { n: 2 }] })
  expect(count).toHaveBeenCalledOnce()
})

test('an item that is not what the contract says ends the stream as internal', async () => {
  let cleaned = false
  const { items, error } = await collect(
    opened(async function* () {
      try {
        yield { n: 1 }
        yield { n: 'two' } as never
      } finally {
        cleaned = true
      }
    }).count(),
  )
  expect(items).toEqual([{ n: 1 }])
  expect(error).toMatchObject({ code: 'internal', message: 'internal error' })
  expect(cleaned).toBe(true)
})

test('a stream may end with a typed error', async () => {
  const { items, error } = await collect(
    opened(async function* (input, ctx) {
      yield* upTo(input)
      throw ctx.errors.tired({ after: input.to })
    }).count({ to: 1 }),
  )
  expect(items).toEqual([{ n: 1 }])
  expect(error).toMatchObject({ kind: 'tired', code: 'resource_exhausted', data: { after: 1 } })
})

test('wrong input fails before the handler runs', async () => {
  const count = vi.fn(upTo)
  const { error } = await collect(opened(count).count({ to: 1.5 }))
  expect(error).toMatchObject({ code: 'invalid_argument' })
  expect(count).not.toHaveBeenCalled()
})

test('leaving the loop ends the generator and aborts its signal', async () => {
  const ended = Promise.withResolvers<AbortSignal>()
  const items = opened(async function* (_input, { signal }) {
    try {
      for (let n = 0; ; n++) yield { n }
    } finally {
      ended.resolve(signal)
    }
  }).count()
  for await (const { n } of items) if (n === 2) break
  expect((await ended.promise).aborted).toBe(true)
})

test('a stream can be left while an item is awaited, even by a handler that ignores its signal', async () => {
  const iterator = opened(async function* () {
    yield { n: 1 }
    await new Promise(() => {})
  })
    .count()
    [Symbol.asyncIterator]()
  expect(await iterator.next()).toEqual({ done: false, value: { n: 1 } })
  const pending = iterator.next()
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
  await expect(pending).rejects.toMatchObject({ code: 'canceled' })
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

test('what fails while a stream is left is nobody’s error', async () => {
  const items = opened(async function* () {
    try {
      yield { n: 1 }
    } finally {
      await Promise.reject(new Error('cleaning up failed'))
    }
  }).count()
  for await (const _ of items) break
})

test('the deadline ends a stream between items', async () => {
  const { items, error } = await collect(
    opened(async function* () {
      yield { n: 1 }
      await sleep(60_000, undefined, { ref: false })
    }).count({}, { timeoutMs: 30 }),
  )
  expect(items).toEqual([{ n: 1 }])
  expect(error).toMatchObject({ code: 'deadline_exceeded' })
})

test('cancelling ends a stream', async () => {
  const stop = new AbortController()
  const items = opened(async function* () {
    yield { n: 1 }
    stop.abort()
    yield { n: 2 }
  }).count({}, { signal: stop.signal })
  expect((await collect(items)).error).toMatchObject({ code: 'canceled' })
})

test('all of a generator runs in the scope of its call, and nothing of the consumer does', async () => {
  const inside: unknown[] = []
  const outside: unknown[] = []
  const items = opened(async function* (_input, ctx) {
    try {
      for (let n = 0; ; n++) {
        inside.push(currentCall.getStore()?.deadline === ctx.deadline)
        yield { n }
        await sleep(1)
      }
    } finally {
      inside.push(currentCall.getStore()?.deadline === ctx.deadline)
    }
  }).count({}, { timeoutMs: 60_000 })
  for await (const { n } of items) {
    outside.push(currentCall.getStore())
    if (n === 2) break
  }
  await sleep(1)
  expect(inside).toEqual([true, true, true, true])
  expect(outside).toEqual([undefined, undefined, undefined])
})

test('a stream of another servlet may be passed on, and is left with it', async () => {
  const left = Promise.withResolvers<void>()
  const relay = contract('relay', { count: endpoint({ route: 'GET /relay', output: stream(Item) }) })
  const client = open(
    servlet(relay, { calls: { numbers } }, { count: (_input, ctx) => ctx.calls.numbers.count({ to: 9 }) }),
    {
      calls: {
        numbers: {
          async *count(input) {
            try {
              yield* upTo(input)
            } finally {
              left.resolve()
            }
          },
        },
      },
    },
  )
  for await (const { n } of client.count()) if (n === 2) break
  await left.promise
})

test('a handler that answers with something else is a bug of the servlet', async () => {
  const { error } = await collect(opened((() => [{ n: 1 }]) as never).count())
  expect(error).toMatchObject({ code: 'internal', message: 'internal error' })
})
