import { contract, endpoint } from '@atlas/contract'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { InterfaceDocument, ProtobufNumbers } from '../document.ts'
import { contractHistory, contractsOf } from '../fixtures/contract-history.ts'
import { contractOf, contractSpec } from '../fixtures/contract-spec.ts'
import { interfaceOf } from '../interface-of.ts'
import { type ProtobufField, type ProtobufMessage, protobufOf } from './protobuf-of.ts'

/** The numbers after a row of contracts, each with one endpoint of this input. */
function after(...inputs: z.ZodObject[]): ProtobufNumbers {
  let previous: InterfaceDocument | undefined
  for (const input of inputs)
    previous = interfaceOf(
      contract('any', { call: endpoint({ route: 'POST /call', input }) }),
      previous && { previous },
    )
  return previous!.protobuf!
}

const request = (...inputs: z.ZodObject[]) => after(...inputs).messages.CallRequest

describe('numbers of fields', () => {
  it('start in the order of the contract', () => {
    expect(request(z.object({ z: z.string(), a: z.string() }))).toEqual({ fields: { z: 1, a: 2 } })
  })

  it('stay where fields change places', () => {
    const before = z.object({ a: z.string(), b: z.string() })
    expect(request(before, z.object({ c: z.string(), b: z.string(), a: z.string() }))).toEqual({
      fields: { a: 1, b: 2, c: 3 },
    })
  })

  it('are reserved with their names when fields go, and not given again when these come back', () => {
    const both = z.object({ a: z.string(), b: z.string() })
    const one = z.object({ b: z.string() })
    expect(request(both, one)).toEqual({ fields: { b: 2 }, reserved: [1], reservedNames: ['a'] })
    expect(request(both, one, both)).toEqual({ fields: { a: 3, b: 2 }, reserved: [1] })
  })

  it.each([
    { name: 'string to integer', from: z.string(), to: z.int(), kept: false },
    { name: 'one value to a list', from: z.string(), to: z.array(z.string()), kept: false },
    { name: 'a 64-bit integer to a smaller one', from: z.int(), to: z.int32(), kept: false },
    { name: 'double to float', from: z.number(), to: z.float32(), kept: false },
    { name: 'string to enum', from: z.string(), to: z.enum(['a']), kept: false },
    { name: 'list to map', from: z.array(z.string()), to: z.record(z.string(), z.string()), kept: false },
    { name: 'a 32-bit integer to a larger one', from: z.uint32(), to: z.int(), kept: true },
    { name: 'required to optional', from: z.string(), to: z.string().optional(), kept: true },
    { name: 'a tighter string', from: z.string(), to: z.string().min(3), kept: true },
  ])('$name: kept is $kept', ({ from, to, kept }) => {
    expect(request(z.object({ a: from }), z.object({ a: to }))).toEqual(
      kept ? { fields: { a: 1 } } : { fields: { a: 2 }, reserved: [1] },
    )
  })

  it('skip those that protobuf keeps for itself', () => {
    const fields = (count: number) =>
      z.object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, z.int()])))
    const document = interfaceOf(
      contract('any', { call: endpoint({ route: 'POST /call', input: fields(2) }) }),
    )
    document.protobuf!.messages.CallRequest!.fields.f1 = 18_999
    const next = interfaceOf(contract('any', { call: endpoint({ route: 'POST /call', input: fields(3) }) }), {
      previous: document,
    })
    expect(next.protobuf?.messages.CallRequest?.fields).toEqual({ f0: 1, f1: 18_999, f2: 20_000 })
  })

  it('go on where a message only gets another name, so that giving a schema an id breaks nobody', () => {
    const inner = (extra: object) => z.object({ ...extra, street: z.string(), city: z.string() })
    const before = z.object({ address: inner({}) })
    const shared = z.object({ address: inner({ zip: z.string() }).meta({ id: 'Address' }) })
    const { messages } = after(before, shared)
    expect(messages.CallRequest).toEqual({ fields: { address: 1 } })
    expect(messages.Address).toEqual({ fields: { street: 1, city: 2, zip: 3 } })
    expect(messages.CallRequestAddress).toEqual({
      fields: {},
      reserved: [1, 2],
      reservedNames: ['city', 'street'],
    })
  })

  it('go on from one of several messages that became one, whatever the order of the fields', () => {
    const before = z.object({ a: z.object({ x: z.string() }), b: z.object({ y: z.string(), x: z.string() }) })
    const Both = z.object({ x: z.string() }).meta({ id: 'Both' })
    const expected = after(before, z.object({ a: Both, b: Both }))
    expect(after(before, z.object({ b: Both, a: Both }))).toEqual(expected)
    expect(expected.messages.CallRequest).toEqual({ fields: { a: 1, b: 3 }, reserved: [2] })
  })

  it('of a message that was gone are not given again', () => {
    const other = contract('any', { other: endpoint({ route: 'GET /other' }) })
    const call = (name: string) =>
      contract('any', { call: endpoint({ route: 'POST /call', input: z.object({ [name]: z.string() }) }) })
    const first = interfaceOf(call('a'))
    const second = interfaceOf(other, { previous: first })
    const third = interfaceOf(call('b'), { previous: second })
    expect(third.protobuf?.messages.CallRequest).toEqual({
      fields: { b: 2 },
      reserved: [1],
      reservedNames: ['a'],
    })
  })

  it('are not trusted where the document does not say what they meant', () => {
    const input = z.object({ a: z.string() })
    const one = contract('any', { call: endpoint({ route: 'POST /call', input }) })
    const previous = interfaceOf(one)
    previous.endpoints.call!.input = { type: 'object' }
    expect(interfaceOf(one, { previous }).protobuf?.messages.CallRequest).toEqual({
      fields: { a: 2 },
      reserved: [1],
    })
  })
})

describe('numbers of enum values', () => {
  it('never change or come back', () => {
    const kind = (...values: string[]) => z.object({ kind: z.enum(values) })
    expect(after(kind('a', 'b'), kind('c', 'b'), kind('a', 'b', 'c')).enums).toEqual({
      CallRequestKind: { values: { a: 4, b: 2, c: 3 }, reserved: [1] },
    })
  })
})

describe('over any row of changes', () => {
  it('no number changes its meaning or is used again', () => {
    let compared = 0
    fc.assert(
      fc.property(contractHistory, (history) => {
        const documents: InterfaceDocument[] = []
        for (const contract of contractsOf(history)) {
          const previous = documents.at(-1)
          documents.push(interfaceOf(contract, previous && { previous }))
        }
        for (const [index, later] of documents.entries())
          for (const earlier of documents.slice(0, index)) {
            compared += compareMeanings(earlier, later)
            compareReserved(earlier.protobuf, later.protobuf)
          }
      }),
      { numRuns: 150 },
    )
    // Guards the test itself: rows in which nothing is left of what was would prove nothing.
    expect(compared).toBeGreaterThan(1000)
  }, 120_000)

  it('numbers follow from the contracts alone, whatever their order of fields and endpoints', () => {
    const two = contractSpec({ depth: 1, names: ['a', 'b', 'c'] })
    fc.assert(
      fc.property(two, two, (first, second) => {
        const previous = interfaceOf(contractOf('any', first))
        const next = interfaceOf(contractOf('any', second), { previous })
        expect(interfaceOf(contractOf('any', second), { previous })).toEqual(next)
        const other = interfaceOf(contractOf('any', backwards(second)), { previous: next })
        expect(other.protobuf).toEqual(next.protobuf)
      }),
      { numRuns: 100 },
    )
  })
})

/** The same data with the keys of every object the other way round. */
function backwards<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(backwards) as T
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, backwards(part)]),
  ) as T
}

/** Says what the bytes of one document mean to readers of another one. Returns how many fields they have in common. */
function compareMeanings(earlier: InterfaceDocument, later: InterfaceDocument): number {
  const [was, is] = [protobufOf(earlier), protobufOf(later)]
  const seen = new Set<string>()
  let compared = 0
  const compare = (a: ProtobufMessage, b: ProtobufMessage): void => {
    if (seen.has(`${a.name} ${b.name}`)) return
    seen.add(`${a.name} ${b.name}`)
    for (const one of a.fields) {
      const other = b.fields.find(({ number }) => number === one.number)
      if (!other) continue
      compared++
      const where = `${a.name}.${one.name} = ${one.number} -> ${b.name}.${other.name}`
      expect(other.name, where).toBe(one.name)
      expect(wire(other), where).toSatisfy(
        (type) =>
          type === wire(one) ||
          (type === 'one int64' && /int32$/.test(wire(one))) ||
          (type === 'repeated int64' && /repeated u?int32$/.test(wire(one))) ||
          (type === 'map int64' && /map u?int32$/.test(wire(one))),
      )
      if (one.type.kind === 'message' && other.type.kind === 'message')
        compare(was.messages.get(one.type.name)!, is.messages.get(other.type.name)!)
      if (one.type.kind === 'enum' && other.type.kind === 'enum') {
        const values = new Map(
          is.enums.get(other.type.name)!.values.map(({ number, value }) => [number, value]),
        )
        for (const { number, value } of was.enums.get(one.type.name)!.values)
          expect(values.get(number) ?? value, where).toBe(value)
      }
    }
  }
  for (const { endpoint } of was.methods) {
    const [a, b] = [was, is].map(({ methods }) => methods.find((method) => method.endpoint === endpoint))
    if (!a || !b) continue
    compare(was.messages.get(a.request)!, is.messages.get(b.request)!)
    if (a.response.kind === 'message' && b.response.kind === 'message')
      compare(was.messages.get(a.response.name)!, is.messages.get(b.response.name)!)
  }
  return compared
}

/** How a field looks in bytes, without what names of messages say. */
function wire({ type, label }: ProtobufField): string {
  const count = label === 'single' || label === 'optional' ? 'one' : label
  return `${count} ${type.kind === 'scalar' ? type.name : type.kind}`
}

/** What is reserved stays so, and nothing that lived is forgotten. */
function compareReserved(earlier: ProtobufNumbers | undefined, later: ProtobufNumbers | undefined): void {
  for (const [name, message] of Object.entries(earlier?.messages ?? {})) {
    const now = later?.messages[name]
    for (const number of message.reserved ?? []) expect(now?.reserved, name).toContain(number)
    for (const [field, number] of Object.entries(message.fields))
      expect(now?.fields[field] === number || now?.reserved?.includes(number), `${name}.${field}`).toBe(true)
  }
  for (const [name, each] of Object.entries(earlier?.enums ?? {})) {
    const now = later?.enums?.[name]
    for (const number of each.reserved ?? []) expect(now?.reserved, name).toContain(number)
    for (const [value, number] of Object.entries(each.values))
      expect(now?.values[value] === number || now?.reserved?.includes(number), `${name}.${value}`).toBe(true)
  }
}
