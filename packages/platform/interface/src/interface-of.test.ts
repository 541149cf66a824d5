import { contract, endpoint, error, named } from '@atlas/contract'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { InterfaceDocument } from './document.ts'
import { interfaceOf } from './interface-of.ts'
import { InterfaceError } from './problem.ts'

/** The document of a contract with one endpoint. */
function documentOf(input: z.ZodObject, output: z.ZodType = z.object({}), grpc = true): InterfaceDocument {
  return interfaceOf(contract('any', { call: endpoint({ route: 'POST /call', input, output, grpc }) }))
}

describe('schemas in an interface document', () => {
  it('with an id are shared and referenced', () => {
    const Account = z.object({ name: z.string() }).meta({ id: 'Account', title: 'An account' })
    const { endpoints, schemas } = documentOf(z.object({ one: Account, two: Account.describe('The other.') }))
    expect(schemas).toEqual({
      Account: {
        type: 'object',
        title: 'An account',
        properties: { name: { type: 'string' } },
        required: ['name'],
      },
    })
    expect(endpoints.call?.input.properties).toEqual({
      one: { $ref: '#/schemas/Account' },
      two: { $ref: '#/schemas/Account', description: 'The other.' },
    })
  })

  it('with one id and two meanings are refused, with both places', () => {
    const [one, two] = [z.string(), z.int()].map((schema) => schema.meta({ id: 'Size' }))
    expect(() => documentOf(z.object({ one: one! }), z.object({ two: two! }))).toThrow(
      /call\.output: two different schemas have the id 'Size' \(the other one is in call\.input\)\. declare/,
    )
  })

  it.each(['acme.Account', 'account', 'Two Words', '__proto__'])('with the id %s are refused', (id) => {
    expect(() => documentOf(z.object({ a: z.object({}).meta({ id }) }))).toThrow(InterfaceError)
  })

  it('that contain themselves are named after the place where they are met', () => {
    const Tree = z.object({
      get children() {
        return z.array(Tree)
      },
    })
    const { endpoints, schemas } = documentOf(z.object({ root: Tree }))
    expect(endpoints.call?.input.properties).toEqual({ root: { $ref: '#/schemas/CallRequestRoot' } })
    expect(schemas?.CallRequestRoot?.properties).toEqual({
      children: { type: 'array', items: { $ref: '#/schemas/CallRequestRoot' } },
    })
  })

  it('that contain themselves through a schema with an id need no name of their own', () => {
    const Node: z.ZodType = z.object({
      get edges() {
        return z.array(Edge)
      },
    })
    const Edge = z.object({ to: Node }).meta({ id: 'Edge' })
    const fromNode = documentOf(z.object({ node: Node }))
    expect(Object.keys(fromNode.schemas ?? {})).toEqual(['Edge'])
    expect(fromNode.endpoints.call?.input.properties?.node?.properties).toEqual(
      fromNode.schemas?.Edge?.properties?.to?.properties,
    )
  })

  it('are described as callers send them and as callers get them', () => {
    const Limit = z.object({ most: z.int32().default(3) })
    const { endpoints } = documentOf(Limit, Limit)
    expect(endpoints.call?.input.required).toBeUndefined()
    expect(endpoints.call?.output).toMatchObject({ schema: { required: ['most'] } })
  })

  it('that are shared and differ by side are there twice, with all that references them', () => {
    const Inner = z.object({ most: z.int32().default(3) }).meta({ id: 'Inner' })
    const Outer = z.object({ inner: Inner }).meta({ id: 'Outer' })
    const Same = z.object({ a: z.string() }).meta({ id: 'Same' })
    const all = z.object({ outer: Outer, same: Same })
    const { endpoints, schemas, protobuf } = documentOf(all, all)
    expect(Object.keys(schemas ?? {})).toEqual(['Inner', 'InnerInput', 'Outer', 'OuterInput', 'Same'])
    expect(endpoints.call?.input.properties?.outer).toEqual({ $ref: '#/schemas/OuterInput' })
    expect(schemas?.OuterInput).toMatchObject({
      'x-input-of': 'Outer',
      properties: { inner: { $ref: '#/schemas/InnerInput' } },
    })
    // On the wire of gRPC they are one message, so that a new default moves nobody.
    expect(Object.keys(protobuf?.messages ?? {})).toEqual([
      'CallRequest',
      'CallResponse',
      'Inner',
      'Outer',
      'Same',
    ])
  })

  it('do not say that unknown fields are refused', () => {
    const { endpoints } = documentOf(z.object({ a: z.object({}) }), z.object({ a: z.object({}) }))
    expect(JSON.stringify(endpoints)).not.toContain('additionalProperties')
  })

  it('name their refinements', () => {
    const { endpoints } = documentOf(
      z
        .object({
          iban: z
            .string()
            .refine(() => true, named('iban', 2, 'must be an IBAN'))
            .optional(),
          size: z
            .int()
            .refine(() => true, named('even', 1, 'must be even'))
            .refine(() => true, named('big', 1, 'must be big')),
        })
        .refine(() => true, named('whole', 1, 'must fit')),
    )
    const input = endpoints.call!.input
    expect(input['x-refinements']).toEqual([{ name: 'whole', version: 1 }])
    expect(input.properties?.iban?.['x-refinements']).toEqual([{ name: 'iban', version: 2 }])
    expect(input.properties?.size?.['x-refinements']?.map(({ name }) => name)).toEqual(['big', 'even'])
  })
})

describe('an interface document', () => {
  it('does not depend on the order of endpoints, errors and fields', () => {
    const a = endpoint({ route: 'GET /a', errors: { x: error('not_found'), y: error('aborted') } })
    const b = endpoint({ route: 'POST /b', input: z.object({ p: z.string(), q: z.string() }), grpc: false })
    const a2 = endpoint({ route: 'GET /a', errors: { y: error('aborted'), x: error('not_found') } })
    const b2 = endpoint({ route: 'POST /b', input: z.object({ q: z.string(), p: z.string() }), grpc: false })
    expect(JSON.stringify(interfaceOf(contract('any', { b: b2, a: a2 })))).toBe(
      JSON.stringify(interfaceOf(contract('any', { a, b }))),
    )
  })

  it('leaves out protobuf where no endpoint is served over gRPC', () => {
    expect(documentOf(z.object({ any: z.json() }), z.object({}), false).protobuf).toBeUndefined()
  })

  it('refuses schemas whose messages would have one name, and says which', () => {
    const twice = z.object({
      fooBar: z.object({ a: z.string() }),
      foo: z.object({ bar: z.object({ b: z.string() }) }),
    })
    expect(() => documentOf(twice)).toThrow(
      /its name in protobuf would be 'CallRequestFooBar', which CallRequest\.fooBar has/,
    )
  })

  it('gives a shared schema that is called like the service another name in protobuf only', () => {
    const Any = z.object({ a: z.string() }).meta({ id: 'Any' })
    const { schemas, protobuf } = documentOf(z.object({ any: Any }))
    expect(Object.keys(schemas ?? {})).toEqual(['Any'])
    expect(Object.keys(protobuf?.messages ?? {})).toContain('AnyMessage')
  })
})
