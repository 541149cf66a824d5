import type { EnumNumbers, InterfaceDocument, MessageNumbers } from './document.ts'
import { idOfRef, type JsonSchema, refsIn } from './json-schema.ts'
import type { InterfaceProblem } from './problem.ts'

/** What is wrong with a document of the right shape: references to nothing, numbers that mean two things. */
export function checkDocument(document: InterfaceDocument): Omit<InterfaceProblem, 'remedy'>[] {
  return [...checkRefs(document), ...checkNumbers(document)]
}

function* checkRefs({
  endpoints,
  schemas = {},
}: InterfaceDocument): Generator<Omit<InterfaceProblem, 'remedy'>> {
  for (const [path, schema] of [...endpointSchemas(endpoints), ...schemasAt('schemas', schemas)])
    for (const ref of refsIn(schema)) {
      const id = idOfRef(ref)
      if (id === undefined || !Object.hasOwn(schemas, id))
        yield { rule: 'interface/reference', path, message: `references '${ref}', which is not there` }
    }
}

function* endpointSchemas(endpoints: InterfaceDocument['endpoints']): Generator<[string, JsonSchema]> {
  for (const [name, { input, output, errors = {} }] of Object.entries(endpoints)) {
    yield [`endpoints.${name}.input`, input]
    if ('schema' in output) yield [`endpoints.${name}.output`, output.schema]
    if ('stream' in output) yield [`endpoints.${name}.output`, output.stream]
    for (const [kind, { data }] of Object.entries(errors)) yield [`endpoints.${name}.errors.${kind}`, data]
  }
}

function schemasAt(path: string, schemas: Record<string, JsonSchema>): [string, JsonSchema][] {
  return Object.entries(schemas).map(([id, schema]) => [`${path}.${id}`, schema])
}

function* checkNumbers({ protobuf }: InterfaceDocument): Generator<Omit<InterfaceProblem, 'remedy'>> {
  if (!protobuf) return
  for (const [name, message] of Object.entries(protobuf.messages))
    yield* checkSet(`protobuf.messages.${name}`, fieldsOf(message), 'field')
  for (const [name, values] of Object.entries(protobuf.enums ?? {}))
    yield* checkSet(`protobuf.enums.${name}`, valuesOf(values), 'value')
}

interface NumberSet {
  readonly used: Readonly<Record<string, number>>
  readonly reserved: readonly number[]
  readonly reservedNames: readonly string[]
}

function fieldsOf({ fields, reserved = [], reservedNames = [] }: MessageNumbers): NumberSet {
  return { used: fields, reserved, reservedNames }
}

function valuesOf({ values, reserved = [], reservedNames = [] }: EnumNumbers): NumberSet {
  return { used: values, reserved, reservedNames }
}

function* checkSet(
  path: string,
  { used, reserved, reservedNames }: NumberSet,
  what: 'field' | 'value',
): Generator<Omit<InterfaceProblem, 'remedy'>> {
  const rule = 'interface/numbers'
  const owners = new Map<number, string>()
  for (const [name, number] of Object.entries(used)) {
    const other = owners.get(number)
    if (other !== undefined)
      yield { rule, path, message: `'${other}' and '${name}' both have the number ${number}` }
    owners.set(number, name)
    if (reserved.includes(number))
      yield { rule, path, message: `'${name}' has the number ${number}, which is reserved` }
    if (what === 'field' && number >= 19_000 && number <= 19_999)
      yield { rule, path, message: `'${name}' has the number ${number}, which protobuf keeps for itself` }
    if (reservedNames.includes(name))
      yield { rule, path, message: `'${name}' is both a ${what} and reserved` }
  }
}
