import { contract, endpoint, named, open } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { InterfaceDocument } from '../document.ts'
import { interfaceOf } from '../interface-of.ts'
import type { JsonSchema } from '../json-schema.ts'
import { changeRuleIds } from './change-rules.ts'
import { compare } from './compare.ts'
import { orders } from './fixtures/orders.ts'
import { edited, renumbered } from './fixtures/proof.ts'

const document = interfaceOf(orders, {
  mounts: { '/legacy': { access: 'user' } },
  calls: { stock: ['take'] },
})

type Change = (document: InterfaceDocument) => void

/** What old callers meet, what new callers meet, and the step. */
function outcome(change: Change, before = document) {
  const { changes, bump, order } = compare(before, edited(before, change))
  const rules = (direction: string) =>
    changes
      .filter(
        (each) => each.direction === direction && each.severity !== 'minor' && each.severity !== 'patch',
      )
      .map(({ rule }) => rule)
  return { old: rules('old-caller'), new: rules('new-caller'), bump, order }
}

const narrower: readonly [what: string, rule: string, change: Change][] = [
  ['a removed endpoint', 'endpoint/missing', ({ endpoints }) => void delete endpoints.quote],
  [
    'another path',
    'endpoint/route',
    ({ endpoints }) => void Object.assign(endpoints.quote!, { route: 'POST /prices' }),
  ],
  [
    'another method',
    'endpoint/route',
    ({ endpoints }) => void Object.assign(endpoints.cancel!, { route: 'PUT /orders/{id}/cancel' }),
  ],
  [
    'fields of the path in another order',
    'endpoint/route',
    ({ endpoints }) => void Object.assign(endpoints.attach!, { route: 'PUT /orders/{name}/files/{id}' }),
  ],
  [
    'fewer who may call',
    'endpoint/access',
    ({ endpoints }) => void Object.assign(endpoints.quote!, { access: 'user' }),
  ],
  [
    'users only, where servlets called without one',
    'endpoint/access',
    ({ endpoints }) => void Object.assign(endpoints.forget!, { access: 'user' }),
  ],
  [
    'internal, where users called',
    'endpoint/access',
    ({ endpoints }) => void Object.assign(endpoints.place!, { access: 'internal' }),
  ],
  [
    'calls that may not be repeated',
    'endpoint/idempotent',
    ({ endpoints }) => void delete endpoints.cancel!.idempotent,
  ],
  ['no gRPC', 'grpc/missing', ({ endpoints }) => void Object.assign(endpoints.quote!, { grpc: false })],
  [
    'smaller bodies',
    'input/bytes-size',
    ({ endpoints }) => void Object.assign(endpoints.attach!.body!, { maxBytes: 10 }),
  ],
  [
    'fewer types of bodies',
    'input/bytes-type',
    ({ endpoints }) =>
      void Object.assign(endpoints.attach!.body!, { types: ['image/png', 'application/pdf'] }),
  ],
  ['a mount that is gone', 'mount/missing', (each) => void delete each.mounts],
  [
    'a mount for fewer',
    'mount/access',
    ({ mounts }) => void Object.assign(mounts!['/legacy']!, { access: 'internal' }),
  ],
]

/** These shut some out and let others in. */
const sideways = [
  'another path',
  'another method',
  'fields of the path in another order',
  'users only, where servlets called without one',
  'internal, where users called',
  'a mount for fewer',
]

const broken: readonly [what: string, rule: string, change: Change][] = [
  ['JSON in place of bytes', 'input/body', ({ endpoints }) => void delete endpoints.attach!.body],
  [
    'a stream in place of one message',
    'output/kind',
    ({ endpoints }) => {
      const output = endpoints.get!.output as { schema: JsonSchema }
      endpoints.get!.output = { stream: output.schema }
    },
  ],
  [
    'another code of an error',
    'error/code',
    ({ endpoints }) => void Object.assign(endpoints.get!.errors!.gone!, { code: 'aborted' }),
  ],
  ['another name', 'servlet/renamed', (each) => void Object.assign(each, { name: 'shop-orders' })],
  [
    'another name of an endpoint',
    'endpoint/missing',
    ({ endpoints }) => {
      endpoints.price = endpoints.quote!
      delete endpoints.quote
    },
  ],
]

describe('compare', () => {
  it('finds nothing between a document and itself', () => {
    expect(compare(document, structuredClone(document))).toEqual({
      changes: [],
      bump: 'none',
      order: 'any',
      opaque: ['/legacy'],
    })
  })

  it.each(narrower)(
    'refuses %s to old callers, and lets new callers wait for the other way round',
    (what, rule, change) => {
      const after = edited(document, change)
      const forth = compare(document, after)
      const isOneWay = !sideways.includes(what)
      expect(forth).toMatchObject({ bump: 'major', order: isOneWay ? 'callers-first' : 'in-steps' })
      expect(forth.changes[0]).toMatchObject({ rule, severity: 'breaking', direction: 'old-caller' })
      const back = compare(after, renumbered(document, after))
      expect(
        back.changes.filter(({ direction }) => direction === 'new-caller').map((each) => each.rule),
      ).toContain(rule)
      if (isOneWay) expect(back).toMatchObject({ bump: 'minor', order: 'servlet-first' })
    },
  )

  it.each(broken)('refuses %s in both directions', (_what, rule, change) => {
    const { old, new: fresh, bump, order } = outcome(change)
    expect({ bump, order }).toEqual({ bump: 'major', order: 'in-steps' })
    expect(old).toContain(rule)
    expect(fresh).toContain(rule)
  })

  it('gives each break a witness, and each doubt a reason', () => {
    for (const [, , change] of [...narrower, ...broken])
      for (const { severity, witness, reason } of compare(document, edited(document, change)).changes) {
        expect(witness !== undefined).toBe(severity === 'breaking')
        expect(reason !== undefined).toBe(severity === 'possibly-breaking')
      }
  })

  it('describes each rule that it names', () => {
    for (const [, , change] of [...narrower, ...broken]) {
      const after = edited(document, change)
      for (const { rule } of [...compare(document, after).changes, ...compare(after, document).changes])
        expect(changeRuleIds).toContain(rule)
    }
  })

  it('shows a request that reached one endpoint and reaches another', () => {
    const before = interfaceOf(
      contract('users', { get: endpoint({ route: 'GET /users/{id}', input: z.object({ id: z.string() }) }) }),
    )
    const both = {
      get: endpoint({ route: 'GET /users/{id}', input: z.object({ id: z.string() }) }),
      me: endpoint({ route: 'GET /users/me' }),
    }
    const { changes } = compare(before, interfaceOf(contract('users', both), { previous: before }))
    expect(changes[0]).toMatchObject({ rule: 'endpoint/captured', severity: 'possibly-breaking' })
    expect(changes[0]!.message).toContain('GET /users/me')
    // No value of the field can be that.
    const numbers = (extra: object) =>
      interfaceOf(
        contract('users', {
          get: endpoint({ route: 'GET /users/{id}', input: z.object({ id: z.uuid() }) }),
          ...extra,
        }),
      )
    expect(compare(numbers({}), numbers({ me: endpoint({ route: 'GET /users/me' }) }))).toMatchObject({
      bump: 'minor',
    })
  })

  it('lets a field of the path take more, and an endpoint without gRPC have another name', () => {
    const one = (name: string, route: 'GET /a/{path}' | 'GET /a/{path*}') =>
      interfaceOf(
        contract('paths', {
          [name]: endpoint({ route, grpc: false, input: z.object({ path: z.string() }) }),
        }),
      )
    expect(compare(one('get', 'GET /a/{path}'), one('get', 'GET /a/{path*}'))).toMatchObject({
      bump: 'patch',
    })
    expect(compare(one('get', 'GET /a/{path*}'), one('get', 'GET /a/{path}'))).toMatchObject({
      bump: 'major',
    })
    expect(compare(one('get', 'GET /a/{path}'), one('read', 'GET /a/{path}'))).toMatchObject({
      bump: 'minor',
      order: 'any',
    })
  })

  it.each([
    [
      'a description',
      ({ endpoints }: InterfaceDocument) => void Object.assign(endpoints.quote!, { description: 'x' }),
      'patch',
    ],
    ['other calls', (each: InterfaceDocument) => void Object.assign(each, { calls: {} }), 'patch'],
    [
      'a deprecation',
      ({ endpoints }: InterfaceDocument) =>
        void Object.assign(endpoints.quote!, { deprecated: { since: '2026-01-01', sunset: '2027-01-01' } }),
      'minor',
    ],
  ])('asks little for %s', (_what, change, bump) => {
    expect(outcome(change)).toEqual({ old: [], new: [], bump, order: 'any' })
  })

  it('cannot decide about a predicate in code, and says so', () => {
    const { changes, bump } = compare(
      document,
      edited(
        document,
        ({ endpoints }) =>
          void Object.assign(endpoints.place!.input.properties!.coupon!, {
            'x-refinements': [{ name: 'coupon', version: 2 }],
          }),
      ),
    )
    expect(bump).toBe('major')
    expect(changes[0]).toMatchObject({ rule: 'input/refinement', severity: 'possibly-breaking' })
    expect(changes[0]!.reason).toContain("'coupon' is code")
  })

  it('sees what protobuf loses although JSON does not: a type that is stricter', () => {
    const one = (count: z.ZodType, previous?: InterfaceDocument) =>
      interfaceOf(
        contract('counts', { get: endpoint({ route: 'GET /count', output: z.object({ count }) }) }),
        previous && { previous },
      )
    const before = one(z.int())
    const { changes, bump } = compare(before, one(z.int32(), before))
    expect(bump).toBe('major')
    expect(changes[0]).toMatchObject({
      rule: 'protobuf/number-changed',
      witness: { kind: 'protobuf', value: '1001', outcome: 'count 1 is read as nothing' },
    })
    // The other way, a number may grow to 64 bits: bytes of old callers are read right, and JSON decides.
    const small = one(z.int32())
    expect(compare(small, one(z.int(), small)).changes.map(({ rule }) => rule)).not.toContain(
      'protobuf/number-changed',
    )
  })

  it('lets open enums and unions grow, and closed ones not', () => {
    const levels =
      (...values: [string, ...string[]]) =>
      (isOpen: boolean) => {
        const level = isOpen ? open(z.enum(values)) : z.enum(values)
        const variants = values.map((value) => z.object({ kind: z.literal(value), note: z.string() }))
        const union = z.discriminatedUnion('kind', variants as never) as z.ZodDiscriminatedUnion<
          [z.ZodObject],
          'kind'
        >
        return interfaceOf(
          contract('levels', {
            get: endpoint({ route: 'GET /level', output: z.object({ level }) }),
            shape: endpoint({
              route: 'GET /shape',
              grpc: false,
              output: z.object({ shape: isOpen ? open(union) : union }),
            }),
          }),
        )
      }
    const [before, after] = [levels('low', 'high'), levels('low', 'high', 'top')]
    const grown = compare(before(true), after(true))
    expect(grown).toMatchObject({ bump: 'minor', order: 'any' })
    expect(grown.changes.map(({ rule }) => rule)).toEqual([
      'output/open-value-added',
      'output/open-value-added',
    ])
    expect(compare(before(false), after(false)).changes.map(({ rule }) => rule)).toEqual([
      'output/value',
      'output/variant',
    ])
    expect(compare(before(false), before(true)).bump).toBe('major')
  })

  it('holds numbers that are reserved', () => {
    const reserved = edited(document, ({ schemas }) => void delete schemas!.Item!.properties!.gift)
    const again = structuredClone(reserved)
    const { fields, reserved: numbers } = again.protobuf!.messages.Item!
    fields.sku = numbers![0]!
    again.protobuf!.messages.Item!.reserved = []
    const rules = compare(reserved, again).changes.map(({ rule }) => rule)
    expect(rules).toContain('protobuf/reserved-used')
    expect(rules).toContain('protobuf/reserved-lost')
  })

  it('compares names with their versions only where they changed', () => {
    const one = (version: number, extra: object = {}) =>
      interfaceOf(
        contract('names', {
          set: endpoint({
            route: 'POST /name',
            input: z.object({
              name: z.string().refine(() => true, named('name', version, 'a name')),
              ...extra,
            }),
          }),
        }),
      )
    expect(compare(one(1), one(1, { more: z.string().optional() }))).toMatchObject({
      bump: 'minor',
      order: 'any',
    })
    expect(compare(one(1), one(2)).bump).toBe('major')
  })
})
