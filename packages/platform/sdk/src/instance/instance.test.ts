import type { Transport } from '@atlas/client'
import { contract, endpoint } from '@atlas/contract'
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Mount, type Servlet, servlet, silent } from '../index.ts'
import { type Instance, runnerOf, startInstance } from './instance.ts'

const echo = contract('echo', {
  say: endpoint({
    route: 'POST /say',
    input: z.object({ text: z.string() }),
    output: z.object({ text: z.string() }).nullable(),
    grpc: false,
  }),
})
const unreachable: Transport = {
  unary: () => Promise.reject(new Error('unreachable')),
  stream: () => {
    throw new Error('unreachable')
  },
}

function start(made: Servlet<any, any, any, any>, log = silent): Promise<Instance> {
  return startInstance(made, { transportTo: () => unreachable, stores: {}, config: {}, secrets: {}, log })
}

const mounted = (name: string, log: string[], failing?: 'load' | 'close'): Mount => ({
  kind: 'web',
  access: 'public',
  openapi: undefined,
  load: async () => {
    log.push(`${name} loads`)
    if (failing === 'load') throw new Error(`${name} does not load`)
    return {
      kind: 'web',
      handle: () => new Response(),
      close: async () => {
        log.push(`${name} closes`)
        if (failing === 'close') throw new Error(`${name} does not close`)
      },
    }
  },
})

function withMounts(log: string[], mount: Record<`/${string}`, Mount>, closing = () => {}) {
  const setup = () => {
    log.push('setup')
    return {
      value: 1,
      close() {
        log.push('setup closes')
        closing()
      },
    }
  }
  return servlet(echo, { setup, mount }, { say: async (input) => input })
}

test('what was started last is closed first, once', async () => {
  const log: string[] = []
  const instance = await start(withMounts(log, { '/a': mounted('a', log), '/b': mounted('b', log) }))
  await Promise.all([instance.close(), instance.close()])
  await instance.close()
  expect(log).toEqual(['setup', 'a loads', 'b loads', 'b closes', 'a closes', 'setup closes'])
})

test('who closes again waits for the same end', async () => {
  const gate = Promise.withResolvers<void>()
  const made = servlet(
    echo,
    { setup: () => ({ value: 1, close: () => gate.promise }) },
    { say: async (input) => input },
  )
  const instance = await start(made)
  void instance.close()
  let ended = false
  const second = instance.close().then(() => {
    ended = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(false)
  gate.resolve()
  await second
})

test('after a failing start, what had started is closed in reverse order', async () => {
  const log: string[] = []
  const failing = withMounts(log, { '/a': mounted('a', log), '/b': mounted('b', log, 'load') })
  await expect(start(failing)).rejects.toThrow('b does not load')
  expect(log).toEqual(['setup', 'a loads', 'b loads', 'a closes', 'setup closes'])
})

test('what cannot be closed after a failing start is logged, and the reason of the failure thrown', async () => {
  const error = vi.fn()
  const log: string[] = []
  const failing = withMounts(log, { '/a': mounted('a', log, 'close'), '/b': mounted('b', log, 'load') })
  await expect(start(failing, { ...silent, error })).rejects.toThrow('b does not load')
  expect(error).toHaveBeenCalledOnce()
  expect(log.at(-1)).toBe('setup closes')
})

test('one that does not close keeps nothing else open', async () => {
  const log: string[] = []
  const instance = await start(
    withMounts(log, { '/a': mounted('a', log), '/b': mounted('b', log, 'close') }, () => {
      throw new Error('setup does not close')
    }),
  )
  const reason = await instance.close().catch((thrown: unknown) => thrown)
  expect(reason).toBeInstanceOf(AggregateError)
  expect((reason as AggregateError).message).toBe("servlet 'echo' did not close cleanly")
  expect((reason as AggregateError).errors.map(String)).toEqual([
    'Error: b does not close',
    'Error: setup does not close',
  ])
  expect(log.slice(-3)).toEqual(['b closes', 'a closes', 'setup closes'])
})

const scope = {
  signal: new AbortController().signal,
  deadline: undefined,
  caller: undefined,
  user: undefined,
  listener: 'internal',
} as const

test('an answer of null is null, and nothing is the empty answer', async () => {
  const nulls = await start(servlet(echo, { say: async () => null }))
  expect(await runnerOf(nulls, 'say').unary({ text: 'x' }, undefined, scope)).toBeNull()
  const empty = contract('empty', { run: endpoint({ route: 'POST /run' }) })
  const nothing = await start(servlet(empty, { run: async () => {} }))
  expect(await runnerOf(nothing, 'run').unary({}, undefined, scope)).toEqual({})
})

test('input and answers are copied, and lose what the contract does not have', async () => {
  const kept: unknown[] = []
  const instance = await start(
    servlet(echo, {
      say: async (input) => {
        kept.push(input)
        return { ...input, more: 1 }
      },
    }),
  )
  const given = { text: 'x', more: 2 }
  const answer = await runnerOf(instance, 'say').unary(given, undefined, scope)
  expect(kept).toEqual([{ text: 'x' }])
  expect(kept[0]).not.toBe(given)
  expect(answer).toEqual({ text: 'x' })
})

test('a user that is not what the servlet expects is the platform’s fault', async () => {
  const made = servlet(echo, { user: z.object({ id: z.string() }) }, { say: async (input) => input })
  const runner = runnerOf(await start(made), 'say')
  const calling = runner.unary({ text: 'x' }, undefined, { ...scope, user: { name: 'ada' } })
  await expect(calling).rejects.toMatchObject({ code: 'internal', message: 'internal error' })
})

test('an endpoint that the running servlet does not have is unimplemented', async () => {
  const instance = await start(servlet(echo, { say: async (input) => input }))
  expect(() => runnerOf(instance, 'shout')).toThrow(
    expect.objectContaining({ code: 'unimplemented', message: 'echo has no endpoint shout' }),
  )
})

test('an error that is the caller’s is not logged', async () => {
  const error = vi.fn()
  const aborting = servlet(echo, {
    say: async (_input, { signal }) => {
      signal.throwIfAborted()
      return null
    },
  })
  const runner = runnerOf(await start(aborting, { ...silent, error }), 'say')
  const gone = { ...scope, signal: AbortSignal.abort() }
  await expect(runner.unary({ text: 'x' }, undefined, gone)).rejects.toMatchObject({ code: 'canceled' })
  await expect(runner.unary({}, undefined, scope)).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(error).not.toHaveBeenCalled()
})
