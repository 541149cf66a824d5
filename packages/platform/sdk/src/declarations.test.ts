import { expect, test } from 'vitest'
import { typeCheck } from './fixtures/type-check.ts'

const contracts = `
import { type AtlasError, bytes, contract, endpoint, error, named, page, paging, stream } from '@atlas/contract'
import * as z from 'zod'

export const Account = z.object({ id: z.uuid(), email: z.email() }).meta({ id: 'Account' })
export const expired = error('unauthenticated', { at: z.iso.datetime() })
export const verify = endpoint({
  route: 'POST /sessions/verify',
  access: 'public',
  input: z.object({ token: z.string() }),
  output: Account,
  errors: { expired, unknownToken: error('not_found') },
})
export const identity = contract('identity', { verify })
export const files = contract('files', {
  list: endpoint({
    route: 'GET /files',
    access: 'user',
    input: z.object({ ...paging(), kind: z.enum(['file', 'folder']).optional() }),
    output: page(z.object({ path: z.string().refine((path) => path !== '', named('filled', 1, 'must be filled')) })),
  }),
  upload: endpoint({
    route: 'PUT /content/{path*}',
    input: z.object({ path: z.string() }),
    body: bytes({ types: ['image/*'] }),
    errors: { full: error('resource_exhausted', { quotaBytes: z.int() }) },
  }),
  download: endpoint({ route: 'GET /content/{path*}', input: z.object({ path: z.string() }), output: bytes() }),
  watch: endpoint({
    route: 'GET /watch',
    input: z.object({ under: z.string().default('/') }),
    output: stream(z.object({ path: z.string() })),
  }),
  remove: endpoint({ route: 'DELETE /files/{path*}', input: z.object({ path: z.string() }) }),
})
export const isGone = (error: AtlasError) => error.code
`

const servlets = `
import { createClient, httpTransport } from '@atlas/client'
import { type Context, type Env, middleware, node, servlet, web } from '@atlas/sdk'
import { memoryBlobs, open } from '@atlas/sdk/testing'
import { Account, files, identity } from './contract.ts'

export const manifest = {
  owner: 'storage' as string,
  stores: { content: { blobs: {} } },
  config: { maxUploadMiB: 500 as number },
  secrets: { scanKey: 'API key' as string },
}
export const calls = { identity }
export const timed = middleware((next) => async (input, _ctx) => next(input, { startedAt: Date.now() }))
export const traced = middleware((next) => async (input, ctx) => next(input, { trace: { caller: ctx.caller } }))
export const use = [timed, traced] as const
export const legacy = node(async () => () => {}, { access: 'public' })
export const docs = web(() => new Response())
export const setup = async (env: Env<typeof manifest, typeof calls>) => ({ value: { ...env, count: 1 }, close: () => {} })
export const helper = (ctx: Context<(typeof files)['endpoints']['upload'], typeof manifest, typeof calls>) => ({
  errors: ctx.errors,
  full: ctx.errors.full({ quotaBytes: 1 }),
  user: ctx.user,
  stores: ctx.stores,
  config: ctx.config,
  secrets: ctx.secrets,
  log: ctx.log,
  calls: ctx.calls,
  verify: ctx.calls.identity.verify,
  verified: () => ctx.calls.identity.verify.result({ token: '' }),
  list: () => ctx.stores.content.list(),
  get: () => ctx.stores.content.get('a'),
})
const implementation = servlet(
  files,
  { manifest, calls, user: Account, setup, use, mount: { '/legacy': legacy, '/docs': docs } },
  {
    list: async () => ({ items: [] }),
    upload: async () => {},
    download: async () => 'text',
    async *watch() {},
    remove: async () => {},
  },
)
export default implementation
export const { definition, contract } = implementation
export const alone = servlet(identity, { verify: async () => ({ id: '', email: '' }) })
export const blobs = memoryBlobs()
export const fakes = { identity: { verify: async () => ({ id: '', email: '' }) } }
export const opened = open(implementation, { calls: fakes, secrets: { scanKey: 'k' } })
export const openedAlone = open(alone)
export const client = createClient(files, httpTransport({ baseUrl: 'http://localhost' }))
export const { watch, upload } = client
export const listed = () => client.list({ limit: 1 })
export const downloaded = () => client.download({ path: 'a' })
export const watched = () => client.watch()
export const uploaded = () => client.upload.result({ path: 'a', body: 'text' })
export const verifier = createClient(identity, httpTransport({ baseUrl: 'http://localhost' })).verify
`

test('declarations of contracts and servlets can be written: every type that inference names is exported', () => {
  const { errors, declarations } = typeCheck({ 'contract.ts': contracts, 'servlet.ts': servlets })
  expect(errors).toEqual([])
  const written = Object.values(declarations).join('\n')
  expect(Object.keys(declarations).toSorted()).toEqual(['contract.d.ts', 'servlet.d.ts'])
  // What cannot be named would be reached through a file of a package, or be any.
  expect(written.match(/(from |import\()["'](?!@atlas\/|zod["'/]|\.\/contract\.ts)[^"']*/g)).toBeNull()
  expect(written).not.toMatch(/\bany\b/)
})
