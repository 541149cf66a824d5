import type { Contract } from '@atlas/contract'
import * as fc from 'fast-check'
import { type ContractSpec, contractOf } from './contract-spec.ts'
import { type Field, objectSpec, type Spec } from './schema-spec.ts'

const names = ['a', 'b', 'c', 'd']
const ids = ['One', 'Two']

/** The specs of a contract that is edited again and again: most of it stays, some is added, removed, changed or renamed. */
export const contractHistory: fc.Arbitrary<ContractSpec[]> = fc
  .record({
    base: fc.tuple(fields(), fields()),
    pool: fields(),
    steps: fc.array(fc.array(fc.nat(1000), { minLength: 20, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
  })
  .map(({ base, pool, steps }) => {
    const spares = Object.values(pool)
    let [input, output] = base
    const states = [{ input, output }]
    for (const choices of steps) {
      let at = 0
      const next = (below: number): number => choices[at++ % choices.length]! % below
      input = edited(input, next, spares)
      output = edited(output, next, spares)
      states.push({ input, output })
    }
    return states.map(({ input, output }) => ({
      alpha: {
        method: 'POST',
        access: 'internal',
        input,
        output: { kind: 'object', fields: output },
        errors: {},
        body: false,
        grpc: true,
      },
    }))
  })

/** The contracts of a history. */
export function contractsOf(history: readonly ContractSpec[]): Contract[] {
  return history.map((spec) => contractOf('any', spec))
}

function fields(): fc.Arbitrary<Record<string, Field>> {
  return objectSpec({ protobuf: true, depth: 2, names, ids })
}

type Next = (below: number) => number

function edited(fields: Record<string, Field>, next: Next, spares: readonly Field[]): Record<string, Field> {
  const result: Record<string, Field> = {}
  for (const [name, field] of Object.entries(fields)) {
    const what = next(14)
    if (what === 0) continue
    const spare = spares[next(spares.length || 1)]
    if (what === 1 && spare) result[name] = spare
    else if (what === 2) result[names[next(names.length)]!] ??= field
    else if (what === 3) result[name] = withId(field, next)
    else result[name] = { ...field, spec: editedSpec(field.spec, next, spares) }
  }
  const spare = spares[next(spares.length || 1)]
  if (next(3) === 0 && spare) result[names[next(names.length)]!] ??= spare
  return result
}

function withId(field: Field, next: Next): Field {
  const { id, ...rest } = field
  if (id !== undefined || (field.spec.kind !== 'object' && field.spec.kind !== 'enum')) return rest
  return { ...rest, id: ids[next(ids.length)]! }
}

function editedSpec(spec: Spec, next: Next, spares: readonly Field[]): Spec {
  switch (spec.kind) {
    case 'object':
      return { ...spec, fields: edited(spec.fields, next, spares) }
    case 'union':
      return {
        ...spec,
        variants: Object.fromEntries(
          Object.entries(spec.variants).map(([value, fields]) => [value, edited(fields, next, spares)]),
        ),
      }
    case 'list':
      return { ...spec, item: editedSpec(spec.item, next, spares) }
    case 'map':
      return { ...spec, value: editedSpec(spec.value, next, spares) }
    case 'enum': {
      const values = next(2) === 0 && spec.values.length > 1 ? spec.values.slice(1) : spec.values
      return { ...spec, values: [...new Set(next(2) === 0 ? [...values, 'folder'] : values)] }
    }
    case 'int32':
      return next(3) === 0 ? { kind: 'int' } : spec
    default:
      return spec
  }
}
