import { AtlasError, bytes, contract, endpoint, error } from '@atlas/contract'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Logger, type Servlet, servlet } from '../index.ts'
import { memoryBlobs, open } from './index.ts'

const Account = z.object({ id: z.string(), name: z.string().optional() })
const identity = contract('identity', {
  verify: endpoint({
    route: 'POST /verify',
    input: z.object({ token: z.string() }),
    output: Account,
    errors: { expired: error('unauthenticated', { at: z.string() }) },
  }),
  forget: endpoint({ route: 'POST /forget', input: z.object({ token: z.string() }) }),
})
const files = contract('files', {
  owner: endpoint({ route: 'GET /owner/{token}', input: z.object({ token: z.string() }), output: Account }),
  forget: endpoint({ route: 'POST /owner/forget', input: z.object({ token: z.string() }) }),
  put: endpoint({ route: 'PUT /content/{path*}', input: z.object({ path: z.string() }), body: bytes() }),
  settings: endpoint({
    route: 'GET /settings',
    output: z.object({ max: z.int(), min: z.int(), key: z.string(), files: z.int(), user: z.string() }),
  }),
})
const manifest = {
  owner: 'storage',
  stores: { content: { blobs: {} } },
  config: { max: 500, min: 1 },
  secrets: { key: 'what the key is for' },
}
const implementation = servlet(
  files,
  { manifest, calls: { identity }, user: Account },
  {
    owner: async ({ token }, ctx) => {
      const verified = await ctx.calls.identity.verify.result({ token })
      return verified.ok ? verified.value : { id: `expired at ${verified.error.data.at}` }
    },
    forget: async ({ token }, ctx) => ctx.calls.identity.forget({ token }),
    put: async ({ path, body }, ctx) => void (await ctx.stores.content.put(path, body)),
    settings: async (_input, { config, secrets, stores, user }) => ({
      ...config,
      key: secrets.key,
      files: (await stores.content.list()).length,
      user: user?.id ?? 'nobody',
    }),
  },
)
const secrets = { key: 'k' }

describe('fakes', () => {
  test('answer in place of what is called', async () => {
    const verify = async ({ token }: { token: string }) => ({ id: token })
    const client = open(implementation, { secrets, calls: { identity: { verify } } })
    expect(await client.owner({ token: 't' })).toEqual({ id: 't' })
  })

  test('throw the typed errors of their contract', async () => {
    const client = open(implementation, {
      secrets,
      calls: {
        identity: {
          verify: async (_input, ctx) => {
            throw ctx.errors.expired({ at: 'noon' })
          },
        },
      },
    })
    expect(await client.owner({ token: 't' })).toEqual({ id: 'expired at noon' })
  })

  test('must answer what their contract says', async () => {
    const verify = async () => ({ id: 7 }) as unknown as { id: string }
    const failing = open(implementation, { secrets, calls: { identity: { verify } } }).owner({ token: 't' })
    await expect(failing).rejects.toMatchObject({ code: 'internal' })
    const causes = await failing.catch(chainOf)
    expect(causes).toContain("the handler's answer is not what the contract says: id: Invalid input")
  })

  test('answer without the fields that their contract does not have', async () => {
    const verify = async () => ({ id: 'a', password: 'p' })
    const client = open(implementation, { secrets, calls: { identity: { verify } } })
    expect(await client.owner({ token: 't' })).toEqual({ id: 'a' })
  })

  test('that are missing say which, and what to write', async () => {
    const client = open(implementation, {
      secrets,
      calls: { identity: { verify: async () => ({ id: 'a' }) } },
    })
    await expect(client.forget({ token: 't' })).rejects.toThrow(
      'open() was given no fake for identity.forget: add calls: { identity: { forget: ... } }',
    )
  })

  test('may be the called servlet itself, whose own calls are faked too', async () => {
    const clock = contract('clock', {
      now: endpoint({ route: 'GET /now', output: z.object({ at: z.string() }) }),
    })
    const real = servlet(
      identity,
      { calls: { clock } },
      {
        verify: async (_input, ctx) => ({ id: 'real', name: (await ctx.calls.clock.now()).at }),
        forget: async () => {},
      },
    )
    const both = servlet(
      files,
      { calls: { identity, clock } },
      {
        owner: async (input, ctx) => ctx.calls.identity.verify(input),
        forget: async () => {},
        put: async () => {},
        settings: async () => ({ max: 1, min: 1, key: '', files: 0, user: '' }),
      },
    )
    const now = async () => ({ at: 'noon' })
    const client = open(both, { calls: { identity: real, clock: { now } } })
    expect(await client.owner({ token: 't' })).toEqual({ id: 'real', name: 'noon' })
  })
})

describe('what a servlet finds', () => {
  const calls = { identity: {} }

  test('config is the defaults with what is given over them; stores are in memory; nobody is signed in', async () => {
    const client = open(implementation, { calls, secrets, config: { max: 7 } })
    await client.put({ path: 'a', body: 'text' })
    expect(await client.settings()).toEqual({ max: 7, min: 1, key: 'k', files: 1, user: 'nobody' })
  })

  test('stores and the user are those given', async () => {
    const content = memoryBlobs()
    const client = open(implementation, { calls, secrets, stores: { content }, user: { id: 'ada' } })
    await client.put({ path: 'a/b', body: new TextEncoder().encode('text') })
    expect(await content.head('a/b')).toMatchObject({ sizeBytes: 4 })
    expect(await client.settings()).toMatchObject({ files: 1, user: 'ada' })
  })

  test('two opened servlets share nothing', async () => {
    await open(implementation, { calls, secrets }).put({ path: 'a', body: 'text' })
    expect(await open(implementation, { calls, secrets }).settings()).toMatchObject({ files: 0 })
  })
})

describe('errors', () => {
  const single = contract('single', { run: endpoint({ route: 'POST /run' }) })

  test('of setup are thrown by the first call, as they are', async () => {
    const failing = servlet(
      single,
      {
        setup: () => {
          throw new Error('no database')
        },
      },
      { run: async () => {} },
    )
    const client = open(failing)
    await expect(client.run()).rejects.toThrow(/^no database$/)
    await expect(client.run()).rejects.toThrow(/^no database$/)
    await client[Symbol.asyncDispose]()
  })

  test('of a handler are internal, and carry what happened for the test to show', async () => {
    const failing = servlet(single, {
      run: async () => {
        throw new RangeError('a bug')
      },
    })
    const logged = vi.fn<Logger['error']>()
    const log = { debug() {}, info() {}, warn() {}, error: logged }
    const reason = await open(failing, { log })
      .run()
      .catch((thrown: unknown) => thrown)
    expect(reason).toBeInstanceOf(AtlasError)
    expect(reason).toMatchObject({ code: 'internal', message: 'internal error' })
    expect((reason as AtlasError).cause).toBeInstanceOf(RangeError)
    expect(logged).toHaveBeenCalledExactlyOnceWith('single.run failed', {
      endpoint: 'run',
      error: expect.objectContaining({ message: 'a bug' }),
    })
  })
})

describe('disposing', () => {
  /** A servlet that calls the one before it, and notes its start and end. */
  const chain = (log: string[]) => {
    const make = (name: string, called?: ReturnType<typeof contract>): Servlet<any, any, any, any> =>
      servlet(
        contract(name, { run: endpoint({ route: 'POST /run' }) }),
        {
          calls: called ? { called } : {},
          setup: () => {
            log.push(`${name} starts`)
            return { value: undefined, close: () => void log.push(`${name} closes`) }
          },
        },
        { run: async (_input, ctx) => (ctx.calls as any).called?.run() },
      )
    const last = make('last')
    const middle = make('middle', last.contract)
    return { last, middle, first: make('first', middle.contract) }
  }

  test('closes callers before those they call, each once', async () => {
    const log: string[] = []
    const { first, middle, last } = chain(log)
    const client: any = open(first, { calls: { called: middle, last } } as never)
    await client.run()
    await client.run()
    await client[Symbol.asyncDispose]()
    await client[Symbol.asyncDispose]()
    expect(log).toEqual([
      'first starts',
      'middle starts',
      'last starts',
      'first closes',
      'middle closes',
      'last closes',
    ])
  })

  test('closes nothing where nothing was called', async () => {
    const log: string[] = []
    await open(chain(log).last)[Symbol.asyncDispose]()
    expect(log).toEqual([])
  })

  test('happens at the end of the block', async () => {
    const log: string[] = []
    {
      await using client = open(chain(log).last) as any
      await client.run()
    }
    expect(log).toEqual(['last starts', 'last closes'])
  })
})

function chainOf(reason: unknown): string {
  return reason instanceof Error ? `${reason.message} < ${chainOf(reason.cause)}` : 'end'
}
