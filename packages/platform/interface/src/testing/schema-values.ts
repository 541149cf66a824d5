import * as fc from 'fast-check'
import type { Field, Spec } from './schema-spec.ts'

const text = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ minLength: min, maxLength: max, unit: 'grapheme-ascii' })

/** Values for a spec: right ones and, where `wrong` says so, ones with something wrong in them. */
export function valuesOf(spec: Spec, wrong = false): fc.Arbitrary<unknown> {
  const right = rightOf(spec, wrong)
  if (!wrong) return right
  return fc.oneof({ arbitrary: right, weight: 12 }, { arbitrary: nearMiss, weight: 1 })
}

/** Values that some schemas take and others do not. */
const nearMiss: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e300,
    true,
    [],
    {},
    [null],
    'file',
  ),
  fc.constantFrom('2026-02-30', '2026-02-28T10:00:00+01:00', '2026-02-28T10:00:00', 'a@b', 'not-a-uuid'),
  text(0, 12),
  fc.jsonValue({ maxDepth: 2 }),
)

function rightOf(spec: Spec, wrong: boolean): fc.Arbitrary<unknown> {
  switch (spec.kind) {
    case 'string':
      return text(spec.min ?? 0, spec.max ?? 100)
    case 'format':
      return formats[spec.format]
    case 'int':
      return fc.integer({ min: spec.min ?? -(2 ** 31) })
    case 'int32':
      return fc.integer({ min: spec.min ?? -(2 ** 31), max: 2 ** 31 - 1 })
    case 'uint32':
      return fc.integer({ min: spec.min ?? 0, max: 2 ** 32 - 1 })
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'float32':
      return fc.float({ noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'enum':
      return fc.constantFrom(...spec.values)
    case 'literal':
      return fc.constant(spec.value)
    case 'list':
      return fc.array(valuesOf(spec.item, wrong), { maxLength: 3 })
    case 'map':
      return fc.dictionary(fc.constantFrom('k', 'toString', 'a b'), valuesOf(spec.value, wrong), {
        noNullPrototype: true,
      })
    case 'object':
      return fieldsOf(spec.fields, wrong)
    case 'union':
      return fc.oneof(
        ...Object.entries(spec.variants).map(([value, fields]) =>
          fieldsOf(fields, wrong).map((object) => ({ ...object, is: value })),
        ),
      )
    case 'anyOf':
      return fc.oneof(...spec.options.map((option) => valuesOf(option, wrong)))
    case 'tuple':
      return fc.tuple(...spec.items.map((item) => valuesOf(item, wrong)))
  }
}

const formats = {
  date: fc.constantFrom('2026-02-28', '2024-02-29'),
  datetime: fc.constantFrom('2026-02-28T10:00:00Z', '2026-02-28T10:00:00.123Z'),
  uuid: fc.uuid(),
  email: fc.constantFrom('ada@example.com', 'a.b@c.de'),
}

/** Values for the fields of an object; sometimes with a field that nobody knows, and where wrong, with one missing. */
export function fieldsOf(
  fields: Record<string, Field>,
  wrong = false,
): fc.Arbitrary<Record<string, unknown>> {
  const required = Object.keys(fields).filter((name) => ['plain', 'nullable'].includes(fields[name]!.wrap))
  const entries = Object.entries(fields).map(([name, { spec, wrap }]) => {
    const values = valuesOf(spec, wrong)
    return [name, wrap === 'nullable' ? fc.option(values, { nil: null }) : values] as const
  })
  const known = fc.record(Object.fromEntries(entries), {
    requiredKeys: required as never,
    noNullPrototype: true,
  })
  const missing =
    wrong && entries.length > 0
      ? fc.constantFrom(...Object.keys(fields), undefined, undefined, undefined)
      : fc.constant(undefined)
  return fc.tuple(known, missing, fc.boolean()).map(([object, gone, extra]) => {
    const copy: Record<string, unknown> = { ...object, ...(extra ? { nobodyKnows: [1] } : {}) }
    if (gone !== undefined) delete copy[gone]
    return copy
  })
}
