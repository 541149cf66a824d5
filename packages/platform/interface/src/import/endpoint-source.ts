import { type Code, codes, parseRoute } from '@atlas/contract'
import { type JsonSchema, mapRefs, refTo } from '../json-schema.ts'
import {
  type BodyDescription,
  type Loss,
  type OpenApiDescription,
  type OperationDescription,
  type ParameterDescription,
  referenceOf,
  resolved,
  stepsOf,
} from './description.ts'
import { schemaNames, type ZodWriter } from './zod-source.ts'

/** An operation as an endpoint of a contract, in parts that are put together once it is known what protobuf takes. */
export interface EndpointSource {
  readonly name: string
  readonly route: string
  readonly lines: readonly string[]
}

/** What is imported and how. */
export interface OperationPlace {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly prefix: string
  readonly access: string
  readonly operation: OperationDescription
  readonly shared: readonly unknown[]
}

/** Writes one operation; undefined where it cannot be an endpoint at all. */
export function endpointSource(
  place: OperationPlace,
  description: OpenApiDescription,
  writer: ZodWriter,
  losses: Loss[],
): EndpointSource | undefined {
  const { name, method, prefix, access, operation } = place
  const unfound: string[] = []
  const parameters = [...place.shared, ...(operation.parameters ?? [])].flatMap((given) => {
    const found = resolved<ParameterDescription>(given, description)
    if (typeof found?.name === 'string') return [found]
    unfound.push(`a parameter references ${referenceOf(given)}, which is not there; it is left out`)
    return []
  })
  const path = pathOf(place.path, parameters)
  const where = `${method} ${path}`
  const lose = (what: string): void => void losses.push({ where, what })
  unfound.forEach(lose)
  for (const given of [operation.requestBody, ...Object.values(operation.responses ?? {})])
    if (referenceOf(given) !== undefined && resolved(given, description) === undefined)
      lose(`references ${referenceOf(given)}, which is not there; it is left out`)
  const route = `${method} ${prefix}${path === '/' && prefix !== '' ? '' : path}`
  const parsed = parseRoute(route)
  if (!parsed.ok) {
    lose(`no endpoint: ${parsed.problem}`)
    return undefined
  }
  const inPath = parsed.value.segments.flatMap((segment) =>
    segment.kind === 'literal' ? [] : [segment.field],
  )
  const fields = new Map<string, string>()
  const hasQuery = method === 'GET' || method === 'DELETE'
  const { kind, schema, types } = requestBody(operation, description)
  const inQuery = hasQuery || kind === 'bytes'
  for (const parameter of parameters) {
    const { in: where, required = false, schema: type = { type: 'string' } } = parameter
    const field = parameter['x-field'] ?? parameter.name
    if (where === 'path')
      fields.set(field, pathField(local(type, description), `${route} {${field}}`, writer, lose, field))
    else if (where === 'query') {
      if (!inQuery) lose(`the query parameter '${field}' travels in the JSON body`)
      const source = queryField(local(type, description), required, inQuery, field, writer, lose)
      if (source !== undefined && !(field in Object.prototype)) fields.set(field, source)
    } else lose(`the ${where} parameter '${field}' is left out`)
  }
  for (const field of inPath) if (!fields.has(field)) fields.set(field, 'z.string()')
  if (kind === 'json' && hasQuery) lose('a body with GET or DELETE is left out')
  else if (kind === 'json' && schema) {
    const body = flatBody(local(schema, description), description, writer, lose)
    for (const [field, source] of body) {
      if (fields.has(field))
        lose(`the field '${field}' of the body has the name of a parameter; it is left out`)
      else fields.set(field, source)
    }
  }
  const lines = [
    `route: ${JSON.stringify(route)}`,
    `access: ${JSON.stringify(access)}`,
    ...(operation.summary ? [`description: ${JSON.stringify(operation.summary)}`] : []),
    ...(fields.size > 0
      ? [
          `input: z.object({ ${[...fields].map(([field, source]) => `${JSON.stringify(field)}: ${source}`).join(', ')} })`,
        ]
      : []),
    ...(kind === 'bytes' && !hasQuery ? [`body: bytes({ types: ${JSON.stringify(types)} })`] : []),
    ...outputLines(operation, description, writer, where, lose),
  ]
  if (operation.deprecated) lose('deprecated, without the dates that a contract wants; it is not marked')
  return { name, route, lines }
}

/** A path with its fields as the contract that it was exported from called them. */
function pathOf(path: string, parameters: readonly ParameterDescription[]): string {
  const names = new Map(
    parameters.map((each) => [each.name, each.in === 'path' ? each['x-field'] : undefined]),
  )
  return path.replace(/\{([^}]+)\}/g, (whole, name: string) => {
    const field = names.get(name)
    return field === undefined ? whole : `{${field}}`
  })
}

/** Schemas of a description reference its components; here they reference shared schemas. */
export function local(schema: JsonSchema, description: OpenApiDescription): JsonSchema {
  const names = namesIn(description)
  return mapRefs(schema, (ref) => {
    const [first, second, name, ...further] = stepsOf(ref)
    const found =
      first === 'components' && second === 'schemas' && name !== undefined && further.length === 0
        ? names.get(name)
        : undefined
    return found === undefined ? ref : refTo(found)
  })
}

const known = new WeakMap<OpenApiDescription, ReadonlyMap<string, string>>()

/** What the schemas of a description are called here. */
export function namesIn(description: OpenApiDescription): ReadonlyMap<string, string> {
  const found = known.get(description) ?? schemaNames(Object.keys(description.components?.schemas ?? {}))
  known.set(description, found)
  return found
}

function requestBody(
  { requestBody: given }: OperationDescription,
  description: OpenApiDescription,
): { kind: 'none' | 'json' | 'bytes'; schema?: JsonSchema; types: string[] } {
  const { content = {} } = resolved<BodyDescription>(given, description) ?? {}
  const types = Object.keys(content)
  const json = types.find((type) => /[/+]json($|;)/.test(type))
  if (json !== undefined) return { kind: 'json', schema: content[json]!.schema ?? {}, types }
  const bytes = types
    .map((type) => type.split(';')[0]!.trim())
    .filter((type) => /^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/.test(type))
  return types.length === 0
    ? { kind: 'none', types }
    : { kind: 'bytes', types: bytes.length > 0 ? bytes : ['*/*'] }
}

function pathField(
  type: JsonSchema,
  where: string,
  writer: ZodWriter,
  lose: (what: string) => void,
  field: string,
): string {
  const { nullable: _nullable, default: _default, ...schema } = type
  if (isScalar(schema)) return writer.write(schema, where)
  lose(`the path parameter '${field}' is no plain value; it is any text`)
  return 'z.string()'
}

function queryField(
  type: JsonSchema,
  required: boolean,
  inQuery: boolean,
  field: string,
  writer: ZodWriter,
  lose: (what: string) => void,
): string | undefined {
  const { nullable: _nullable, default: fallback, ...schema } = type
  const absent = (source: string): string =>
    required
      ? source
      : fallback !== undefined && fits(fallback, schema)
        ? `${source}.default(${JSON.stringify(fallback)})`
        : `${source}.optional()`
  if (!inQuery) return absent(writer.write(schema, field))
  if (isScalar(schema)) return absent(writer.write(schema, field))
  if (schema.type === 'array' && typeof schema.items === 'object' && isScalar(schema.items)) {
    const { minItems: _min, ...list } = schema
    return required ? writer.write(schema, field) : `${writer.write(list, field)}.default([])`
  }
  lose(`the query parameter '${field}' is no plain value; it is any text`)
  return required ? 'z.string()' : 'z.string().optional()'
}

function isScalar({ type, enum: values, $ref, anyOf, oneOf, allOf }: JsonSchema): boolean {
  if ($ref !== undefined || anyOf || oneOf || allOf) return false
  if (values && new Set(values.map((value) => typeof value)).size !== 1) return false
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'
}

function fits(value: unknown, { type, enum: values, minimum, maximum }: JsonSchema): boolean {
  if (values && !values.includes(value)) return false
  if (type === 'integer')
    return (
      Number.isInteger(value) &&
      Number(value) >= Number(minimum ?? value) &&
      Number(value) <= Number(maximum ?? value)
    )
  return typeof value === type
}

/** The fields of a JSON body. */
function flatBody(
  schema: JsonSchema,
  description: OpenApiDescription,
  writer: ZodWriter,
  lose: (what: string) => void,
): Map<string, string> {
  const body = writer.flattened(schema)
  void description
  const found = new Map<string, string>()
  if (body.oneOf || body.anyOf) lose('a body of several forms; the fields that all of them share are taken')
  if (!body.properties) {
    if (body.type === 'object' && typeof body.additionalProperties !== 'object' && !body.oneOf && !body.anyOf)
      return found
    lose('a body that is no object with fields; it is the field content of one')
    return found.set('content', `${writer.write(schema, 'body')}.optional()`)
  }
  const required = body.required ?? []
  for (const [name, field] of Object.entries(body.properties)) {
    if (name in Object.prototype) {
      lose(`the field '${name}', which every JavaScript object has; it is left out`)
      continue
    }
    const { default: fallback, ...bare } = field
    const source = writer.write(bare, name)
    const isPlain = isScalar(bare) && bare.nullable !== true
    found.set(
      name,
      required.includes(name)
        ? source
        : isPlain && fallback !== undefined && fits(fallback, bare)
          ? `${source}.default(${JSON.stringify(fallback)})`
          : `${source}.optional()`,
    )
  }
  return found
}

function outputLines(
  operation: OperationDescription,
  description: OpenApiDescription,
  writer: ZodWriter,
  where: string,
  lose: (what: string) => void,
): string[] {
  const responses = Object.entries(operation.responses ?? {})
  const good = responses.filter(([status]) => /^2/.test(status)).sort(([a], [b]) => (a < b ? -1 : 1))
  const lines: string[] = []
  const bodies = good.flatMap(([status, given]) => {
    const { content = {} } = resolved<BodyDescription>(given, description) ?? {}
    return Object.keys(content).length > 0 ? [{ status, content }] : []
  })
  const [body, ...others] = bodies
  if (others.length > 0)
    lose(
      `answers ${others.map(({ status }) => status).join(', ')} beside ${body!.status}; only that one is there`,
    )
  if (good.length > 0 && good[0]![0] !== '200' && good[0]![0] !== '204')
    lose(`the status ${good[0]![0]}; it is 200`)
  if (responses.some(([status]) => /^[13]/.test(status))) lose('redirects and what is not modified')
  if (body) {
    const types = Object.keys(body.content)
    const json = types.find((type) => /[/+]json($|;)/.test(type))
    if (json !== undefined)
      lines.push(`output: ${writer.write(local(body.content[json]!.schema ?? {}, description), where)}`)
    else {
      const media = types
        .map((type) => type.split(';')[0]!.trim())
        .filter((type) => /^(\*\/\*|[\w.+-]+\/(\*|[\w.+-]+))$/.test(type))
      lines.push(`output: bytes({ types: ${JSON.stringify(media.length > 0 ? media : ['*/*'])} })`)
    }
    if (types.length > 1)
      lose(
        `other media types of the answer: ${types.filter((type) => type !== (json ?? types[0])).join(', ')}`,
      )
  }
  const errors = responses.flatMap(([status, given]) => {
    const known = statuses[status]
    if (!/^[45]/.test(status)) return []
    const [kind, code] = known ?? [
      `status${status.toLowerCase()}`,
      /^5/.test(status) ? 'internal' : 'failed_precondition',
    ]
    const { content = {} } = resolved<BodyDescription>(given, description) ?? {}
    const json = Object.keys(content).find((type) => /[/+]json($|;)/.test(type))
    const schema = json === undefined ? undefined : local(content[json]!.schema ?? {}, description)
    const typed = typedErrors(schema)
    if (typed.length > 0)
      return typed.map(
        (each) =>
          `${each.kind}: { code: ${JSON.stringify(each.code)}, data: ${writer.write(each.data, where)} }`,
      )
    const data =
      schema && writer.flattened(schema).type === 'object' ? writer.write(schema, where) : 'z.object({})'
    if (schema && data === 'z.object({})') lose(`what the error ${status} says; it has no data`)
    return [`${kind}: { code: ${JSON.stringify(code)}, data: ${data} }`]
  })
  if (errors.length > 0) lines.push(`errors: { ${errors.join(', ')} }`)
  return lines
}

/** The errors of a response as Atlas exports them: each has its kind and code as constants. */
function typedErrors(schema: JsonSchema | undefined): { kind: string; code: Code; data: JsonSchema }[] {
  return (schema?.anyOf ?? []).flatMap(({ properties = {} }) => {
    const { kind: { const: kind } = {}, code: { const: code } = {}, data } = properties
    const isKind = typeof kind === 'string' && /^[a-z][A-Za-z0-9]*$/.test(kind)
    return isKind && typeof code === 'string' && Object.hasOwn(codes, code) && data
      ? [{ kind, code: code as Code, data }]
      : []
  })
}

const statuses: Readonly<Record<string, readonly [kind: string, code: Code]>> = {
  400: ['badRequest', 'invalid_argument'],
  401: ['unauthorized', 'unauthenticated'],
  403: ['forbidden', 'permission_denied'],
  404: ['notFound', 'not_found'],
  409: ['conflict', 'aborted'],
  410: ['gone', 'not_found'],
  413: ['tooLarge', 'out_of_range'],
  415: ['unsupportedType', 'invalid_argument'],
  422: ['validationFailed', 'invalid_argument'],
  429: ['tooMany', 'resource_exhausted'],
  500: ['broken', 'internal'],
  501: ['notImplemented', 'unimplemented'],
  503: ['unavailable', 'unavailable'],
}
