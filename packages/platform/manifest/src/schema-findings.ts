import type * as z from 'zod'
import { editorSchema, type JsonSchema, schemaAt } from './editor-schema.ts'
import { errorFinding, type Finding } from './finding.ts'
import type { ManifestKind } from './kinds.ts'
import { nearest } from './nearest.ts'

type Issue = z.core.$ZodIssue

/** What one complaint of zod means to the person who wrote the file; unknown fields are one finding each. */
export function findingsOf(issue: Issue, kind: ManifestKind, content: unknown, file: string): Finding[] {
  const root = editorSchema(kind)
  const schema = schemaAt(root, issue.path)
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownField(key, path === '' ? key : `${path}.${key}`, schema, file))
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues
    const names = schemaAt(root, issue.path.slice(0, -1))?.propertyNames
    const name = String(issue.path.at(-1))
    return [
      invalidField(
        path,
        file,
        inner ? sentence(inner, name) : 'is not a name',
        remedyOf(inner ?? issue, names, ''),
      ),
    ]
  }
  const value = valueAt(content, issue.path)
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    const example = exampleOf(schema)
    const remedy = `add '${String(issue.path.at(-1) ?? '')}'${example === undefined ? '' : `, as in ${example}`}`
    return [
      errorFinding({ rule: 'manifest/missing-field', file, path, message: `'${path}' is missing`, remedy }),
    ]
  }
  return [invalidField(path, file, sentence(issue, value), remedyOf(issue, schema, value))]
}

function invalidField(path: string, file: string, message: string, remedy: string): Finding {
  return errorFinding({ rule: 'manifest/invalid-field', file, path, message, remedy })
}

function unknownField(key: string, path: string, schema: JsonSchema | undefined, file: string): Finding {
  const known = Object.keys(schema?.properties ?? {}).filter((name) => name !== '$schema')
  const near = nearest(key, known)
  const list = known.length > 0 ? `; the fields here are ${known.join(', ')}` : ''
  return errorFinding({
    rule: 'manifest/unknown-field',
    file,
    path,
    message: `'${key}' is not a field here`,
    remedy: near === undefined ? `remove it${list}` : `rename it to '${near}', or remove it`,
  })
}

function sentence(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, and is ${typeName(value)}`
    case 'invalid_value':
      return `must be ${issue.values.map((one) => JSON.stringify(one)).join(' or ')}, and is ${JSON.stringify(value)}`
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`
    default:
      return issue.message
  }
}

function remedyOf(issue: Issue, schema: JsonSchema | undefined, value: unknown): string {
  if (issue.code === 'custom' && typeof issue.params?.remedy === 'string') return issue.params.remedy
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const near = nearest(value, issue.values.map(String))
    if (near !== undefined) return `write '${near}'`
  }
  const example = exampleOf(schema)
  if (example !== undefined) return `write it as in ${example}`
  if (schema?.default !== undefined)
    return `correct it, or leave it out for ${JSON.stringify(schema.default)}`
  return schema?.description ? `correct it: ${schema.description.replace(/\.$/, '')}` : 'correct it'
}

function exampleOf(schema: JsonSchema | undefined): string | undefined {
  if (schema?.examples?.[0] !== undefined) return JSON.stringify(schema.examples[0])
  return schema?.anyOf?.map(exampleOf).find((example) => example !== undefined)
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long'
  return origin === 'array' ? ' items long' : ''
}

function article(expected: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    record: 'an object',
    object: 'an object',
    array: 'an array',
  }
  return names[expected] ?? `a ${expected}`
}

function typeName(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : `${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<PropertyKey, unknown>)[step]
  }
  return at
}
