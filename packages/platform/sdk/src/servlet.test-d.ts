/** Inference of servlets, and the wrong things that must not compile. Checked by `tsc -p .`. */
import { bytes, contract, endpoint, error, stream } from '@atlas/contract'
import * as z from 'zod'
import { type Blobs, middleware, servlet } from './index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectType<_T extends true>(): void {}

const Account = z.object({ id: z.uuid(), email: z.email() })
const identity = contract('identity', {
  verify: endpoint({
    route: 'POST /sessions/verify',
    input: z.object({ token: z.string() }),
    output: Account,
    errors: { expired: error('unauthenticated') },
  }),
})
const Entry = z.object({ path: z.string(), sizeBytes: z.int() })
const files = contract('files', {
  stat: endpoint({
    route: 'GET /files/{path*}',
    access: 'user',
    input: z.object({ path: z.string() }),
    output: Entry,
  }),
  upload: endpoint({
    route: 'PUT /content/{path*}',
    access: 'public',
    input: z.object({ path: z.string() }),
    body: bytes(),
    output: Entry,
    errors: { full: error('resource_exhausted', { quotaBytes: z.int() }) },
  }),
  download: endpoint({
    route: 'GET /content/{path*}',
    input: z.object({ path: z.string() }),
    output: bytes(),
  }),
  watch: endpoint({ route: 'GET /watch', output: stream(Entry) }),
  remove: endpoint({ route: 'DELETE /files/{path*}', input: z.object({ path: z.string() }) }),
})
const manifest = {
  owner: 'storage' as string,
  stores: { content: { blobs: {} } },
  config: { maxUploadMiB: 500 as number },
  secrets: { scanKey: 'API key' as string },
}
const timed = middleware((next) => async (input, _ctx) => next(input, { startedAt: Date.now() }))

servlet(
  files,
  {
    manifest,
    calls: { identity },
    user: Account,
    setup: async (env) => {
      expectType<Equal<typeof env.stores.content, Blobs>>()
      return { value: { count: env.config.maxUploadMiB } }
    },
    use: [timed],
  },
  {
    stat: async ({ path }, ctx) => {
      expectType<Equal<typeof ctx.user, { id: string; email: string }>>()
      expectType<Equal<typeof ctx.startedAt, number>>()
      return { path, sizeBytes: ctx.state.count }
    },
    upload: async ({ path, body }, ctx) => {
      expectType<Equal<typeof ctx.user, { id: string; email: string } | undefined>>()
      const who = await ctx.calls.identity.verify.result({ token: 'x' })
      if (!who.ok) expectType<Equal<typeof who.error.kind, 'expired'>>()
      await ctx.stores.content.put(path, body)
      if (path === ctx.secrets.scanKey) throw ctx.errors.full({ quotaBytes: 1 })
      // @ts-expect-error wrong data of an error
      ctx.errors.full({ quota: 1 })
      // @ts-expect-error a store that the manifest does not declare
      ctx.stores.tree
      // @ts-expect-error an endpoint that the callee does not have
      ctx.calls.identity.verfy
      return { path, sizeBytes: 1 }
    },
    download: async () => new Uint8Array(),
    watch: async function* (_input, ctx) {
      yield { path: '/', sizeBytes: ctx.state.count }
    },
    remove: async () => {},
  },
)

const greeter = contract('greeter', {
  greet: endpoint({
    route: 'GET /greet/{name}',
    input: z.object({ name: z.string() }),
    output: z.object({ message: z.string() }),
  }),
})
servlet(greeter, { greet: async ({ name }) => ({ message: `Hello ${name}` }) })
// @ts-expect-error an answer that the contract does not have
servlet(greeter, { greet: async ({ name }) => ({ massage: `Hello ${name}` }) })
// @ts-expect-error a missing handler
servlet(greeter, {})
// @ts-expect-error a field that the input does not have
servlet(greeter, { greet: async ({ nmae }) => ({ message: nmae }) })
