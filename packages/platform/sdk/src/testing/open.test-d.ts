/** What tests must provide. Checked by `tsc -p .`. */
import { contract, endpoint } from '@atlas/contract'
import * as z from 'zod'
import { servlet } from '../index.ts'
import { open } from './index.ts'

const identity = contract('identity', {
  verify: endpoint({
    route: 'POST /verify',
    input: z.object({ token: z.string() }),
    output: z.object({ id: z.string() }),
  }),
})
const files = contract('files', {
  count: endpoint({ route: 'GET /count', output: z.object({ n: z.int() }) }),
})
const alone = servlet(files, { count: async () => ({ n: 1 }) })
const calling = servlet(files, { calls: { identity } }, { count: async () => ({ n: 1 }) })
const manifest = { owner: 'web', secrets: { key: 'a key' } }
const secretive = servlet(files, { manifest }, { count: async () => ({ n: 1 }) })

open(alone).count() satisfies Promise<{ n: number }>
open(calling, { calls: { identity: { verify: async ({ token }) => ({ id: token }) } } })
open(secretive, { secrets: { key: 'k' } })
// @ts-expect-error a missing fake
open(calling)
// @ts-expect-error a missing fake
open(calling, { calls: {} })
// @ts-expect-error a fake that answers what the contract does not have
open(calling, { calls: { identity: { verify: async () => ({ idd: 'x' }) } } })
// @ts-expect-error a missing secret
open(secretive)
