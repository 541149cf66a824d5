import type { JsonSchema } from '../json-schema.ts'
import type { OpenApiDescription } from './description.ts'

/** What {@link readDescription} returns. */
export type ReadDescription =
  | { readonly ok: true; readonly value: OpenApiDescription }
  /** The first thing that is in the way, and what to do about it, both as parts of a sentence. */
  | { readonly ok: false; readonly message: string; readonly remedy: string }

/** Schemas are gone through by functions that call themselves. Nothing that people write is so deep. */
const mostNested = 250

/**
 * Takes a value for an OpenAPI description, as far as an import reads it. Schemas that are `true` or `false` become objects, and
 * keywords without a value are taken out, in the value itself.
 */
export function readDescription(value: unknown): ReadDescription {
  try {
    check(value)
    return { ok: true, value: value as OpenApiDescription }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, message: error.message, remedy: error.remedy }
    throw error
  }
}

class Refused extends Error {
  readonly remedy: string

  constructor(message: string, remedy = 'correct it there; a linter for OpenAPI finds what else is wrong') {
    super(message)
    this.remedy = remedy
  }
}

type Json = Record<string, unknown>

function check(value: unknown): void {
  if (!isObject(value)) throw new Refused('it is no OpenAPI description', 'name a file that holds one')
  const { openapi, swagger } = value
  if (swagger !== undefined)
    throw new Refused(
      `it is OpenAPI ${String(swagger)} (Swagger)`,
      'convert it to OpenAPI 3 first: npx swagger2openapi FILE',
    )
  if (!/^3\.[01](\.|$)/.test(String(openapi)))
    throw new Refused(
      openapi === undefined ? 'it does not say that it is OpenAPI' : `it is OpenAPI ${String(openapi)}`,
      'OpenAPI 3.0 and 3.1 are read',
    )
  checkNesting(value)
  const { paths, components } = value
  if (components !== undefined) {
    const parts = objectAt(components, 'components')
    for (const [kind, holds] of [
      ['schemas', checkSchemaAt],
      ['parameters', checkParameter],
      ['requestBodies', checkBody],
      ['responses', checkBody],
    ] as const)
      if (parts[kind] !== undefined) {
        const all = objectAt(parts[kind], `components.${kind}`)
        for (const name of Object.keys(all)) holds(all, name, `components.${kind}.${name}`)
      }
  }
  if (paths === undefined) return
  for (const [path, item] of Object.entries(objectAt(paths, 'paths'))) {
    if (path.startsWith('x-')) continue
    checkItem(objectAt(item, `paths.${path}`), `paths.${path}`)
  }
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

function checkItem(item: Json, at: string): void {
  checkReference(item, at)
  checkParameters(item, at)
  for (const method of methods) {
    if (item[method] === undefined) continue
    const where = `${at}.${method}`
    const operation = objectAt(item[method], where)
    withoutNulls(operation)
    for (const name of ['operationId', 'summary', 'description']) wants(operation, name, where, 'string')
    wants(operation, 'deprecated', where, 'boolean')
    if (operation.tags !== undefined)
      for (const [index, tag] of arrayAt(operation.tags, `${where}.tags`).entries())
        if (typeof tag !== 'string') throw new Refused(`${where}.tags[${index}] is no text`)
    checkParameters(operation, where)
    if (operation.requestBody !== undefined) checkBody(operation, 'requestBody', `${where}.requestBody`)
    if (operation.responses === undefined) continue
    const responses = objectAt(operation.responses, `${where}.responses`)
    for (const status of Object.keys(responses)) checkBody(responses, status, `${where}.responses.${status}`)
  }
}

function checkParameters(holder: Json, at: string): void {
  if (holder.parameters === null) delete holder.parameters
  if (holder.parameters === undefined) return
  const parameters = arrayAt(holder.parameters, `${at}.parameters`) as unknown as Json
  for (const index of Object.keys(parameters)) checkParameter(parameters, index, `${at}.parameters[${index}]`)
}

function checkParameter(holder: Json, name: string, at: string): void {
  const parameter = objectAt(holder[name], at)
  withoutNulls(parameter)
  if (checkReference(parameter, at)) return
  if (typeof parameter.name !== 'string' || parameter.name === '') throw new Refused(`${at} has no name`)
  if (!['path', 'query', 'header', 'cookie'].includes(String(parameter.in)))
    throw new Refused(`${at}.in is none of path, query, header and cookie`)
  wants(parameter, 'required', at, 'boolean')
  wants(parameter, 'x-field', at, 'string')
  if (parameter.schema !== undefined) checkSchemaAt(parameter, 'schema', `${at}.schema`)
}

/** A body of a request, or an answer. */
function checkBody(holder: Json, name: string, at: string): void {
  if (holder[name] === null) holder[name] = {}
  const body = objectAt(holder[name], at)
  withoutNulls(body)
  if (checkReference(body, at) || body.content === undefined) return
  const content = objectAt(body.content, `${at}.content`)
  for (const type of Object.keys(content)) {
    content[type] ??= {}
    const media = objectAt(content[type], `${at}.content.${type}`)
    withoutNulls(media)
    if (media.schema !== undefined) checkSchemaAt(media, 'schema', `${at}.content.${type}.schema`)
  }
}

const keywords: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  ...kinds('string', ['title', 'description', 'format', 'pattern']),
  ...kinds('number', ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']),
  ...kinds('number', ['minimum', 'maximum', 'multipleOf']),
  ...kinds('boolean', ['nullable', 'uniqueItems', 'deprecated']),
}

const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']

function checkSchemaAt(holder: Json, name: string, at: string): void {
  if (typeof holder[name] === 'boolean') holder[name] = holder[name] ? {} : { not: {} }
  const schema = objectAt(holder[name], at) as JsonSchema & Json
  for (const [keyword, value] of Object.entries(schema))
    if (value === null && !['const', 'default', 'example'].includes(keyword)) delete schema[keyword]
  checkReference(schema, at)
  for (const [keyword, kind] of Object.entries(keywords)) wants(schema, keyword, at, kind)
  for (const keyword of ['exclusiveMinimum', 'exclusiveMaximum'])
    if (typeof schema[keyword] !== 'boolean') wants(schema, keyword, at, 'number')
  for (const type of [schema.type ?? []].flat() as unknown[])
    if (!types.includes(type as string))
      throw new Refused(`${at}.type is ${JSON.stringify(type)}, which is none of ${types.join(', ')}`)
  if (schema.enum !== undefined && arrayAt(schema.enum, `${at}.enum`).length === 0)
    throw new Refused(`${at}.enum has no value`)
  if (schema.required !== undefined)
    for (const field of arrayAt(schema.required, `${at}.required`))
      if (typeof field !== 'string') throw new Refused(`${at}.required holds what is no name of a field`)
  if (schema.discriminator !== undefined) {
    const discriminator = objectAt(schema.discriminator, `${at}.discriminator`)
    if (typeof discriminator.propertyName !== 'string')
      throw new Refused(`${at}.discriminator has no propertyName`)
  }
  if (schema.properties !== undefined) {
    const properties = objectAt(schema.properties, `${at}.properties`)
    for (const field of Object.keys(properties)) checkSchemaAt(properties, field, `${at}.properties.${field}`)
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
    if (schema[keyword] === undefined) continue
    const parts = arrayAt(schema[keyword], `${at}.${keyword}`) as unknown as Json
    if (Object.keys(parts).length === 0) throw new Refused(`${at}.${keyword} is empty`)
    for (const index of Object.keys(parts)) checkSchemaAt(parts, index, `${at}.${keyword}[${index}]`)
  }
  for (const keyword of ['items', 'additionalProperties', 'propertyNames', 'not'])
    if (schema[keyword] !== undefined && (typeof schema[keyword] !== 'boolean' || keyword === 'not'))
      checkSchemaAt(schema, keyword, `${at}.${keyword}`)
}

/** Whether it is a reference. */
function checkReference({ $ref }: Json, at: string): boolean {
  if ($ref === undefined) return false
  if (typeof $ref !== 'string') throw new Refused(`${at}.$ref is no text`)
  if (!$ref.startsWith('#'))
    throw new Refused(
      `${at} references ${JSON.stringify($ref)}, which is in another file`,
      'put all of it into one file first: npx @redocly/cli bundle FILE',
    )
  return true
}

/** Goes through it without calling itself. */
function checkNesting(value: unknown): void {
  const pending: [value: unknown, depth: number, at: string][] = [[value, 0, '']]
  for (let each = pending.pop(); each; each = pending.pop()) {
    const [part, depth, at] = each
    if (typeof part !== 'object' || part === null) continue
    if (depth > mostNested)
      throw new Refused(
        `${at.slice(0, 200)}... is nested deeper than ${mostNested} levels`,
        'give its parts names under components.schemas',
      )
    for (const [key, inner] of Object.entries(part))
      if (typeof inner === 'object' && inner !== null)
        pending.push([inner, depth + 1, depth < 40 ? `${at}${at === '' ? '' : '.'}${key}` : at])
  }
}

function objectAt(value: unknown, at: string): Json {
  if (!isObject(value)) throw new Refused(`${at} is no object`)
  return value
}

function arrayAt(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Refused(`${at} is no list`)
  return value
}

function wants(holder: Json, keyword: string, at: string, kind: 'string' | 'number' | 'boolean'): void {
  const value = holder[keyword]
  if (value === undefined) return
  if (typeof value !== kind)
    throw new Refused(
      `${at}.${keyword} is no ${kind === 'string' ? 'text' : kind === 'number' ? 'number' : 'true or false'}`,
    )
}

/** YAML has null where nothing follows a key. */
function withoutNulls(holder: Json): void {
  for (const [key, value] of Object.entries(holder)) if (value === null) delete holder[key]
}

function kinds<Kind extends string>(kind: Kind, names: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, kind]))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
