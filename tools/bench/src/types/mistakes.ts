/**
 * A servlet of the generated product with a mistake of every kind, each expected by the compiler: an `any` that crept into the
 * types would make type-checking fast and this fail.
 */
export const mistakes: ReadonlyMap<string, string> = new Map([
  ['wrong/servlet.json', '{ "owner": "web", "config": { "pageSize": 50 } }\n'],
  [
    'wrong/src/servlet.ts',
    `import { servlet } from '@atlas/sdk'
import { s0 } from '../../s0/src/contract.ts'
import { s1 } from '../../s1/src/contract.ts'
import manifest from '../servlet.json' with { type: 'json' }

const unreachable = (): never => { throw new Error() }

servlet(s1, { manifest, calls: { s0 } }, {
  get1x0: async (input, ctx) => {
    // @ts-expect-error a field that the input does not have
    input.missing
    // @ts-expect-error a field of another type
    const id: number = input.id
    // @ts-expect-error wrong data of a typed error
    ctx.errors.missing({ id })
    // @ts-expect-error an error that the endpoint does not declare
    ctx.errors.full({ quota: 1 })
    // @ts-expect-error a setting that the manifest does not have
    ctx.config.region
    // @ts-expect-error an endpoint that the callee does not have
    ctx.calls.s0.get1x0
    // @ts-expect-error an input that the callee refuses
    const found = await ctx.calls.s0.get0x0.result({ id: 1 })
    // @ts-expect-error a result that was not looked at
    found.value
    return unreachable()
  },
  // @ts-expect-error an answer that the contract does not have
  list1x0: async () => ({ items: [{ id: 1 }] }),
  create1x0: unreachable,
  update1x0: unreachable,
  archive1x0: unreachable,
})

// @ts-expect-error handlers that are missing
servlet(s0, { manifest }, { get0x0: unreachable })
`,
  ],
])
