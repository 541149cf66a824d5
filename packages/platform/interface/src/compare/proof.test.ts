import { beforeAll, describe, expect, it } from 'vitest'
import type { InterfaceDocument } from '../document.ts'
import { vault } from '../golden/vault.ts'
import { interfaceOf } from '../interface-of.ts'
import type { JsonSchema } from '../json-schema.ts'
import { protobufShapeOf } from '../protobuf/shape-of.ts'
import { changeRuleIds } from './change-rules.ts'
import { type Comparison, compare } from './compare.ts'
import type { Direction } from './finding.ts'
import { accountExamples, accounts } from './fixtures/accounts.ts'
import { type Narrowing, narrowingsOf } from './fixtures/narrowings.ts'
import { orderExamples, orders } from './fixtures/orders.ts'
import { at, type Place, payloadPath, placesOf, put } from './fixtures/places.ts'
import { edited, fieldsLost, renumbered, validatorOf, withoutGrpc } from './fixtures/proof.ts'
import { vaultExamples } from './fixtures/vault-examples.ts'

const withGrpc = [
  { document: interfaceOf(orders), examples: orderExamples },
  { document: interfaceOf(vault), examples: vaultExamples },
]
const all = [
  ...withGrpc,
  ...withGrpc.map(({ document, examples }) => ({ document: withoutGrpc(document), examples })),
  { document: interfaceOf(accounts), examples: accountExamples },
]

/** Whether a comparison says that somebody may be hurt. */
function reports({ changes }: Comparison, direction: Direction, endpoint?: string): boolean {
  return changes.some(
    (change) =>
      change.direction === direction &&
      (change.severity === 'breaking' || change.severity === 'possibly-breaking') &&
      (endpoint === undefined || change.endpoint === endpoint),
  )
}

interface Edit {
  readonly what: string
  readonly wide: InterfaceDocument
  readonly narrow: InterfaceDocument
  readonly place: Place
  readonly narrowing: Narrowing
  /** From wide to narrow, and back. */
  readonly narrowed: Comparison
  readonly widened: Comparison
}

/** Every narrowing of every schema of every document whose witness ajv confirms. */
function* narrowEdits(): Generator<Edit> {
  for (const { document, examples } of all)
    for (const place of placesOf(document, examples)) {
      const before = validatorOf(document, place.payload)
      if (!before(place.example))
        expect.fail(`the example of ${place.payload} is wrong: ${JSON.stringify(before.errors)}`)
      const schema = at(document, place.schemaPath) as JsonSchema
      for (const narrowing of narrowingsOf(schema, at(place.example, place.valuePath))) {
        const narrow = edited(document, (copy) => narrowing.narrow(at(copy, place.schemaPath) as JsonSchema))
        const path = narrowing.field === undefined ? place.valuePath : [...place.valuePath, narrowing.field]
        const witness = put(place.example, path, narrowing.lost)
        if (!before(witness) || validatorOf(narrow, place.payload)(witness)) continue
        // The pair in the other order goes on from the narrow one.
        const wide = renumbered(document, narrow)
        yield {
          what: `${place.schemaPath.join('.')}: ${narrowing.name}`,
          wide,
          narrow,
          place,
          narrowing,
          narrowed: compare(document, narrow),
          widened: compare(narrow, wide),
        }
      }
    }
}

/** The parts whose payloads differ between two documents, shared schemas included. */
function changedParts(a: InterfaceDocument, b: InterfaceDocument, payloads: readonly string[]): Set<string> {
  const parts = new Set<string>()
  for (const payload of payloads) {
    const part = payload.split('.')[1] === 'input' ? 'input' : 'output'
    if (resolved(a, payload) !== resolved(b, payload)) parts.add(part)
  }
  return parts
}

function resolved(document: InterfaceDocument, payload: string): string {
  const seen = new Map<string, unknown>()
  const visit = (text: string): void => {
    for (const [, id] of text.matchAll(/"#\/schemas\/(\w+)"/g))
      if (!seen.has(id!)) {
        seen.set(id!, document.schemas?.[id!])
        visit(JSON.stringify(document.schemas?.[id!]))
      }
  }
  const text = JSON.stringify(at(document, payloadPath(payload, document)))
  visit(text)
  return text + JSON.stringify([...seen].sort())
}

let edits: Edit[] = []

beforeAll(() => {
  edits = [...narrowEdits()]
}, 600_000)

describe('the comparison, against edits with witnesses that it has no part in', () => {
  it('misses no break of a message, in either direction', () => {
    const missed: string[] = []
    let count = 0
    for (const { what, place, narrowed, widened } of edits) {
      const isInput = place.part === 'input'
      // Narrowing: old callers send what is refused now, or new callers are sent what they refuse.
      if (!reports(narrowed, isInput ? 'old-caller' : 'new-caller', place.endpoint))
        missed.push(`narrowed ${what}`)
      if (!reports(widened, isInput ? 'new-caller' : 'old-caller', place.endpoint))
        missed.push(`widened ${what}`)
      count += 2
    }
    expect(missed).toEqual([])
    expect(count).toBeGreaterThan(2000)
  }, 600_000)

  it('names no rule that is not described', () => {
    const rules = edits.flatMap(({ narrowed, widened }) =>
      [...narrowed.changes, ...widened.changes].map(({ rule }) => rule),
    )
    expect([...new Set(rules)].filter((rule) => !changeRuleIds.has(rule))).toEqual([])
  })

  it('reports what changes allow, with a witness that ajv confirms', () => {
    const wrong: string[] = []
    let proven = 0
    let unproven = 0
    // Each takes two validators of a whole document, so not all of them.
    for (const { what, wide, narrow, widened } of edits.filter((_, index) => index % 4 === 0)) {
      const changes = widened.changes.filter(({ rule }) => /^(input|output|error)\//.test(rule))
      for (const { severity, witness, reason, direction, path } of changes) {
        if (severity === 'possibly-breaking') {
          unproven++
          if (!reason) wrong.push(`${what}: undecided without a reason`)
        }
        if (severity !== 'breaking' || witness?.kind !== 'json') continue
        proven++
        const payload = payloadOf(path)
        const [caller, servlet] = direction === 'old-caller' ? [narrow, wide] : [wide, narrow]
        const [writer, reader] = witness.from === 'caller' ? [caller, servlet] : [servlet, caller]
        if (!cached(writer, payload)(witness.value) || cached(reader, payload)(witness.value))
          wrong.push(`${what}: ${path} is not shown by ${JSON.stringify(witness.value)}`)
      }
    }
    expect(wrong).toEqual([])
    expect(proven).toBeGreaterThan(500)
    expect(unproven / (proven + unproven)).toBeLessThan(0.02)
  }, 600_000)

  it('hardly ever holds back what is compatible by construction', () => {
    const over: string[] = []
    let count = 0
    for (const { what, wide, narrow, place, narrowing, narrowed, widened } of edits) {
      const { examples } = all.find(({ document }) => document.name === wide.name)!
      const parts = changedParts(wide, narrow, Object.keys(examples))
      const isOnGrpc = wide.endpoints[place.endpoint]?.grpc !== false
      if (parts.size !== 1 || narrowing.sideways || (narrowing.wire && isOnGrpc)) continue
      count++
      // An input that takes more, an output that promises more.
      if (reports(parts.has('input') ? widened : narrowed, 'old-caller')) over.push(what)
    }
    for (const { document, examples } of all)
      for (const { what, after, both } of harmless(document, examples)) {
        count++
        const comparison = compare(document, after)
        if (reports(comparison, 'old-caller') || (both && reports(comparison, 'new-caller'))) over.push(what)
      }
    expect(count).toBeGreaterThan(1000)
    expect(over.length / count, over.slice(0, 20).join('\n')).toBeLessThanOrEqual(0.02)
  }, 600_000)

  it('misses no change of a number or type on the protobuf wire', () => {
    let count = 0
    const missed: string[] = []
    const check = (what: string, before: InterfaceDocument, after: InterfaceDocument): void => {
      for (const [direction, caller, servlet] of [
        ['old-caller', before, after],
        ['new-caller', after, before],
      ] as const) {
        if (fieldsLost(caller, servlet).length === 0 && fieldsLost(servlet, caller).length === 0) continue
        count++
        if (!reports(compare(before, after), direction)) missed.push(`${what} (${direction})`)
      }
    }
    for (const { document } of withGrpc)
      for (const [name, { fields }] of Object.entries(document.protobuf!.messages)) {
        const names = Object.keys(fields)
        for (const [index, field] of names.entries()) {
          const moved = structuredClone(document)
          moved.protobuf!.messages[name]!.fields[field] = 200
          check(`${name}.${field} gets another number`, document, moved)
          const other = names[index + 1]
          if (other === undefined) continue
          const swapped = structuredClone(document)
          const numbers = swapped.protobuf!.messages[name]!.fields
          ;[numbers[field], numbers[other]] = [numbers[other]!, numbers[field]!]
          check(`${name}.${field} and ${other} change numbers`, document, swapped)
        }
      }
    for (const { what, wide, narrow } of edits.filter(
      ({ narrowing }, index) => narrowing.wire && index % 3 === 0,
    ))
      if (isOnGrpc(wide) && isOnGrpc(narrow)) check(what, narrow, wide)
    expect(missed).toEqual([])
    expect(count).toBeGreaterThan(300)
  }, 600_000)
})

/** Some changes leave a schema that protobuf has no type for. */
function isOnGrpc(document: InterfaceDocument): boolean {
  return document.protobuf !== undefined && protobufShapeOf(document).problems.length === 0
}

const validators = new WeakMap<InterfaceDocument, Map<string, ReturnType<typeof validatorOf>>>()

function cached(document: InterfaceDocument, payload: string): ReturnType<typeof validatorOf> {
  const known = validators.get(document) ?? new Map()
  validators.set(document, known)
  const made = known.get(payload) ?? validatorOf(document, payload)
  known.set(payload, made)
  return made
}

/** `endpoints.place.errors.soldOut.sku` -> `place.errors.soldOut` */
function payloadOf(path: string): string {
  const [, endpoint, part, kind] = /^endpoints\.(\w+)\.(\w+)(?:\.(\w+))?/.exec(path)!
  return part === 'errors' ? `${endpoint}.errors.${kind}` : `${endpoint}.${part}`
}

/** Edits that hurt nobody, whatever the comparison says. `both`: in neither direction. */
function* harmless(
  document: InterfaceDocument,
  examples: Readonly<Record<string, readonly unknown[]>>,
): Generator<{ what: string; after: InterfaceDocument; both: boolean }> {
  for (const { schemaPath } of placesOf(document, examples)) {
    const where = schemaPath.join('.')
    const change = (what: string, both: boolean, how: (schema: JsonSchema) => void) => ({
      what: `${where}: ${what}`,
      both,
      after: edited(document, (copy) => how(at(copy, schemaPath) as JsonSchema)),
    })
    yield change('described', true, (schema) => {
      schema.description = 'Other words.'
    })
    const schema = at(document, schemaPath) as JsonSchema
    if (schema.enum) yield change('values in another order', true, (each) => void each.enum!.reverse())
    if (schema.type !== 'object' || !schema.properties) continue
    yield change('a new optional field', true, (each) => {
      each.properties!.somethingNew = { type: 'string' }
    })
    yield change('fields in another order', true, (each) => {
      each.properties = Object.fromEntries(Object.entries(each.properties!).reverse())
      each.required?.reverse()
    })
    for (const name of Object.keys(schema.properties))
      if (!schema.required?.includes(name))
        yield change(
          `without ${name}, which could be absent`,
          true,
          (each) => void delete each.properties![name],
        )
  }
  for (const name of Object.keys(document.endpoints)) {
    const change = (
      what: string,
      both: boolean,
      how: (endpoint: InterfaceDocument['endpoints'][string]) => void,
    ) => ({
      what: `${name}: ${what}`,
      both,
      after: edited(document, (copy) => how(copy.endpoints[name]!)),
    })
    const { access, errors, body, output } = document.endpoints[name]!
    yield change(
      'deprecated',
      true,
      (each) => void Object.assign(each, { deprecated: { since: '2026-01-01', sunset: '2027-01-01' } }),
    )
    yield change('described', true, (each) => void Object.assign(each, { description: 'Other words.' }))
    yield change('a new error', true, (each) => {
      each.errors = {
        ...each.errors,
        brandNew: { code: 'aborted', data: { type: 'object', properties: {} } },
      }
    })
    for (const kind of Object.keys(errors ?? {}))
      yield change(`without the error ${kind}`, true, (each) => void delete each.errors![kind])
    if (access !== 'public')
      yield change('public', false, (each) => void Object.assign(each, { access: 'public' }))
    yield change('idempotent', false, (each) => void Object.assign(each, { idempotent: true }))
    if (body)
      yield change(
        'larger bodies',
        false,
        (each) => void Object.assign(each, { body: { ...body, maxBytes: body.maxBytes * 2 } }),
      )
    if ('bytes' in output)
      yield change(
        'smaller answers',
        false,
        (each) => void Object.assign(each.output, { bytes: { ...output.bytes, maxBytes: 10 } }),
      )
    yield {
      what: `${name}: beside another`,
      both: false,
      after: edited(document, (copy) => {
        copy.endpoints[`${name}Again`] = {
          ...structuredClone(copy.endpoints[name]!),
          route: `POST /again/${name}/${routeFields(copy.endpoints[name]!.route)}`,
        }
      }),
    }
  }
}

function routeFields(route: string): string {
  return ['x', ...[...route.matchAll(/\{\w+\*?\}/g)].map(([field]) => field)].join('/')
}
