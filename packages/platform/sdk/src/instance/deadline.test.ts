import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Transport } from '@atlas/client'
import { AtlasError, contract, endpoint } from '@atlas/contract'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod'
import { type Context, inheritCall, servlet } from '../index.ts'
import { open } from '../testing/index.ts'
import { type CallScope, currentCall } from './call-scope.ts'

const Facts = z.object({
  remainingMs: z.number().optional(),
  user: z.string().optional(),
  caller: z.string().optional(),
})
const callee = contract('callee', {
  facts: endpoint({ route: 'POST /facts', output: Facts }),
  hang: endpoint({ route: 'POST /hang' }),
})
const caller = contract('caller', {
  relay: endpoint({
    route: 'POST /relay',
    input: z.object({ timeoutMs: z.number().optional() }),
    output: Facts,
  }),
  hang: endpoint({ route: 'POST /hang' }),
})

type Handler = (ctx: Context<unknown, {}, { callee: typeof callee }>) => Promise<void>

/** A servlet that calls another, whose `hang` does what it is told. */
function both(hang: (ctx: { readonly signal: AbortSignal }) => Promise<void>, relay?: Handler) {
  const hanging = vi.fn(hang)
  const called = servlet(callee, {
    facts: async (_input, { deadline, user, caller }) => ({
      remainingMs: deadline === undefined ? undefined : deadline - Date.now(),
      user: user as string | undefined,
      caller,
    }),
    hang: async (_input, ctx) => hanging(ctx),
  })
  const calling = servlet(
    caller,
    { calls: { callee } },
    {
      relay: async ({ timeoutMs }, ctx) => ctx.calls.callee.facts({}, { timeoutMs }),
      hang: async (_input, ctx) => (relay ? relay(ctx as never) : ctx.calls.callee.hang()),
    },
  )
  const client: Client<typeof caller> = open(calling, { calls: { callee: called }, user: 'ada' })
  return { client, hanging }
}

const deaf = () => new Promise<void>(() => {})
const heedful = ({ signal }: { readonly signal: AbortSignal }) => sleep(60_000, undefined, { signal })

test('calls inherit the deadline, the user, and the name of their caller', async () => {
  const { client } = both(deaf)
  const { remainingMs, ...rest } = await client.relay({}, { timeoutMs: 60_000 })
  expect(remainingMs).toBeGreaterThan(50_000)
  expect(remainingMs).toBeLessThanOrEqual(60_000)
  expect(rest).toEqual({ user: 'ada', caller: 'caller' })
})

test('without a deadline there is none to inherit', async () => {
  expect((await both(deaf).client.relay()).remainingMs).toBeUndefined()
})

test.for([
  ['shorter', 1_000, 60_000, 1_000],
  ['longer', 60_000, 1_000, 1_000],
  ['only', 1_000, undefined, 1_000],
] as const)(
  'a %s timeout of the call itself: the earlier deadline holds',
  async ([, own, outer, expected]) => {
    const { client } = both(deaf)
    const { remainingMs } = await client.relay({ timeoutMs: own }, { timeoutMs: outer })
    expect(remainingMs).toBeLessThanOrEqual(expected)
    expect(remainingMs).toBeGreaterThan(0)
  },
)

test.for([
  ['heeds its signal', heedful],
  ['ignores it', deaf],
] as const)('a deadline ends the call of a handler that %s', async ([, hang]) => {
  const { client } = both(hang)
  await expect(client.hang({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
})

test('a deadline that has passed keeps the handler from running', async () => {
  const { client, hanging } = both(deaf)
  await expect(client.hang({}, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
  await expect(client.hang({}, { timeoutMs: -1 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
  expect(hanging).not.toHaveBeenCalled()
})

test('a deadline beyond what timers can hold is none', async () => {
  const { client } = both(async () => sleep(5))
  await client.hang({}, { timeoutMs: 2 ** 40 })
  await client.hang({}, { timeoutMs: Number.POSITIVE_INFINITY })
})

test('a timeout that is no number is refused', async () => {
  const reason = { code: 'invalid_argument', message: expect.stringContaining('timeoutMs') }
  await expect(both(deaf).client.hang({}, { timeoutMs: Number.NaN })).rejects.toMatchObject(reason)
})

test('cancelling a call aborts the signals of all that it called', async () => {
  const stop = new AbortController()
  const seen: boolean[] = []
  const { client } = both(async ({ signal }) => {
    setImmediate(() => stop.abort())
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    seen.push(signal.aborted)
  })
  await expect(client.hang({}, { signal: stop.signal })).rejects.toMatchObject({ code: 'canceled' })
  expect(seen).toEqual([true])
})

test('a signal that has aborted keeps the handler from running', async () => {
  const { client, hanging } = both(deaf)
  const calling = client.hang({}, { signal: AbortSignal.abort() })
  await expect(calling).rejects.toMatchObject({ code: 'canceled' })
  expect(hanging).not.toHaveBeenCalled()
})

test('a handler may give up on a call of its own, which is not its caller going away', async () => {
  const { client } = both(deaf, async (ctx) => {
    await ctx.calls.callee.hang({}, { signal: AbortSignal.abort() })
  })
  await expect(client.hang()).rejects.toMatchObject({ code: 'internal' })
})

test('calls that nothing can stop have signals of their own', async () => {
  const signals: AbortSignal[] = []
  const { client } = both(async ({ signal }) => void signals.push(signal))
  await client.hang()
  await client.hang()
  expect(signals[0]).not.toBe(signals[1])
})

test('a call leaves no listener on the signal of the call being handled', async () => {
  const stop = new AbortController()
  const added = vi.spyOn(stop.signal, 'addEventListener')
  const removed = vi.spyOn(stop.signal, 'removeEventListener')
  onTestFinished(() => void vi.restoreAllMocks())
  const { client } = both(async () => {})
  await client.hang({}, { signal: stop.signal })
  await client.hang({}, { signal: stop.signal, timeoutMs: 60_000 })
  const listeners = added.mock.calls.map(([, listener]) => listener)
  expect(listeners.length).toBeGreaterThan(0)
  const gone = new Set(removed.mock.calls.map(([, listener]) => listener))
  expect(listeners.filter((listener) => !gone.has(listener))).toEqual([])
})

test('a servlet that starts during a call does not take it for its own', async () => {
  const scopes: unknown[] = []
  const starting = servlet(
    callee,
    {
      setup: async () => {
        await sleep(1)
        return { value: scopes.push(currentCall.getStore()) }
      },
    },
    { facts: async () => ({}), hang: async () => {} },
  )
  const calling = servlet(
    caller,
    { calls: { callee } },
    { relay: async () => ({}), hang: async (_input, ctx) => ctx.calls.callee.hang() },
  )
  await open(calling, { calls: { callee: starting } }).hang({}, { timeoutMs: 60_000 })
  expect(scopes).toEqual([undefined])
})

test('a servlet that does not finish starting does not hold its callers', async () => {
  const starting = servlet(
    callee,
    { setup: () => new Promise<never>(() => {}) },
    { facts: async () => ({}), hang: async () => {} },
  )
  const calling = servlet(
    caller,
    { calls: { callee } },
    { relay: async () => ({}), hang: async (_input, ctx) => ctx.calls.callee.hang() },
  )
  const called = open(calling, { calls: { callee: starting } }).hang({}, { timeoutMs: 20 })
  await expect(called).rejects.toMatchObject({ code: 'deadline_exceeded' })
})

test('transports over a network inherit too', async () => {
  const unary = vi.fn(
    async (_request: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined }) => ({}),
  )
  const transport = inheritCall({ unary } as unknown as Transport)
  const stop = new AbortController()
  const scope: CallScope = {
    signal: stop.signal,
    deadline: Date.now() + 10_000,
    caller: undefined,
    user: undefined,
    listener: 'public',
  }
  const own = new AbortController()
  const request = { timeoutMs: undefined, signal: undefined } as never
  await transport.unary(request)
  await currentCall.run(scope, () => transport.unary(request))
  await currentCall.run(scope, () => transport.unary({ timeoutMs: 5, signal: own.signal } as never))
  const [outside, inherited, joined] = unary.mock.calls.map(([passed]) => passed)
  expect(outside).toEqual({ timeoutMs: undefined, signal: undefined })
  expect(inherited?.signal).toBe(stop.signal)
  expect(inherited?.timeoutMs).toBeGreaterThan(5_000)
  expect(joined?.timeoutMs).toBeLessThanOrEqual(5)
  stop.abort(new AtlasError('unavailable', 'draining'))
  expect(joined?.signal?.aborted).toBe(true)
})
