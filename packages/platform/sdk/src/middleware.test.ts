import { AtlasError, contract, endpoint, error } from '@atlas/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { type Middleware, middleware, servlet } from './index.ts'
import { open } from './testing/index.ts'

const echo = contract('echo', {
  say: endpoint({
    route: 'POST /say',
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }),
    errors: { tooLoud: error('invalid_argument') },
  }),
  nothing: endpoint({ route: 'POST /nothing' }),
})
const plain = { say: async ({ text }: { text: string }) => ({ text }), nothing: async () => {} }

test('the first middleware is the outermost', async () => {
  const log: string[] = []
  const noting = (name: string) =>
    middleware((next) => async (input) => {
      log.push(`${name} before`)
      const answer = await next(input)
      log.push(`${name} after`)
      return answer
    })
  const client = open(servlet(echo, { use: [noting('outer'), noting('inner')] }, plain))
  expect(await client.say({ text: 'x' })).toEqual({ text: 'x' })
  expect(log).toEqual(['outer before', 'inner before', 'inner after', 'outer after'])
})

test('what is added is in the context of this call only', async () => {
  let calls = 0
  const numbered = middleware((next) => async (input) => next(input, { number: ++calls }))
  const shouted = middleware(
    (next) => async (input, ctx) =>
      next(input, { shout: (text: string) => `${text.toUpperCase()} ${ctx.caller}` }),
  )
  const client = open(
    servlet(
      echo,
      { use: [numbered, shouted] },
      { ...plain, say: async ({ text }, ctx) => ({ text: `${ctx.shout(text)} ${ctx.number}` }) },
    ),
    { caller: 'tester' },
  )
  expect(await Promise.all([client.say({ text: 'a' }), client.say({ text: 'b' })])).toEqual([
    { text: 'A tester 1' },
    { text: 'B tester 2' },
  ])
})

test('what is added may stand in for what the platform gives, the signal included', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  const impatient = middleware((next) => async (input) => next(input, { signal, user: 'ada' }))
  const client = open(
    servlet(
      echo,
      { use: [impatient] },
      { ...plain, say: async (_input, ctx) => ({ text: `${ctx.user} ${ctx.signal.aborted}` }) },
    ),
  )
  expect(await client.say({ text: 'x' })).toEqual({ text: 'ada true' })
})

test('a handler may spread its context', async () => {
  const added = middleware((next) => async (input) => next(input, { more: 1 }))
  const client = open(
    servlet(
      echo,
      { use: [added], setup: () => ({ value: 'state' }) },
      {
        ...plain,
        say: async (_input, ctx) => ({
          text: Object.keys({ ...ctx })
            .toSorted()
            .join(),
        }),
      },
    ),
  )
  expect((await client.say({ text: 'x' })).text).toBe(
    'caller,calls,config,deadline,errors,log,more,secrets,state,stores,user',
  )
})

test('a middleware may refuse, and the handler does not run', async () => {
  let ran = false
  const closed = middleware(() => async () => {
    throw new AtlasError('permission_denied', 'not on sundays')
  })
  const client = open(
    servlet(
      echo,
      { use: [closed] },
      {
        ...plain,
        nothing: async () => {
          ran = true
        },
      },
    ),
  )
  await expect(client.nothing()).rejects.toMatchObject({
    code: 'permission_denied',
    message: 'not on sundays',
  })
  expect(ran).toBe(false)
})

test('a middleware sees what the handler throws, and may replace it', async () => {
  const seen: unknown[] = []
  const softened = middleware((next) => async (input) => {
    try {
      return await next(input)
    } catch (reason) {
      seen.push((reason as AtlasError).kind)
      throw new AtlasError('unavailable', 'later')
    }
  })
  const client = open(
    servlet(
      echo,
      { use: [softened] },
      {
        ...plain,
        say: async (_input, ctx) => {
          throw ctx.errors.tooLoud()
        },
      },
    ),
  )
  await expect(client.say({ text: 'x' })).rejects.toMatchObject({ code: 'unavailable', message: 'later' })
  expect(seen).toEqual(['tooLoud'])
})

test('a middleware may try again', async () => {
  let runs = 0
  const retrying = middleware((next) => async (input) => next(input).catch(() => next(input)))
  const client = open(
    servlet(
      echo,
      { use: [retrying] },
      {
        ...plain,
        say: async ({ text }) => {
          if (++runs === 1) throw new AtlasError('unavailable', 'the first time fails')
          return { text }
        },
      },
    ),
  )
  expect(await client.say({ text: 'x' })).toEqual({ text: 'x' })
  expect(runs).toBe(2)
})

test.for([
  ['nothing', undefined],
  ['an answer of its own', { text: 'forged' }],
])('a middleware that returns %s is a bug of the servlet', async ([, returned]) => {
  const forging: Middleware<{}> = () => async () => returned as never
  const client = open(servlet(echo, { use: [forging] }, plain))
  for (const call of [client.say({ text: 'x' }), client.nothing()]) {
    const reason = await call.catch((thrown: unknown) => thrown)
    expect(reason).toMatchObject({ code: 'internal', message: 'internal error' })
    expect((reason as AtlasError).cause).toMatchObject({
      message: expect.stringContaining('did not return what next() resolved to'),
    })
  }
})
