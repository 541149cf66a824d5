import { type JsonSchema, resolveRef } from '../json-schema.ts'
import { pascalCase } from '../names.ts'
import type { InterfaceProblem } from '../problem.ts'
import { own } from '../records.ts'
import { scalarOf } from './scalar.ts'
import type { EnumShape, FieldLabel, FieldShape, FieldType, MessageShape } from './shape.ts'
import { variantsOf } from './variants.ts'

/** Messages and enums while they are found. */
export interface ShapeBuilder {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly service: string
  readonly messages: Map<string, MessageShape>
  readonly enums: Map<string, EnumShape>
  readonly problems: InterfaceProblem[]
  /** What each name of the package stands for. */
  readonly owners: Map<string, string>
  /** What has been walked, per view of a shared schema. */
  readonly done: Set<string>
}

/** An empty builder. The name of the service is taken. */
export function shapeBuilder(schemas: Readonly<Record<string, JsonSchema>>, service: string): ShapeBuilder {
  const owners = new Map([[service, 'the service']])
  return { schemas, service, owners, messages: new Map(), enums: new Map(), problems: [], done: new Set() }
}

/** Where a schema stands: the name for it should it need one, and what that name stands for. */
interface Place {
  readonly name: string
  readonly owner: string
  /** The shared schema (or payload) whose text this is: input and output views of one are the same message. */
  readonly view: string
}

/** A schema without references and null. */
interface Bare {
  readonly schema: JsonSchema
  readonly optional: boolean
  readonly nullable: boolean
  readonly place: Place
}

/**
 * Adds the message of a payload. It has its own message even where its schema is shared, so that the request or response
 * of one method can grow without the others; the style guides of gRPC ask for it too.
 */
export function messageOfPayload(
  name: string,
  payload: JsonSchema,
  withBody: boolean,
  builder: ShapeBuilder,
): void {
  const { schema, id } = resolveRef(payload, builder.schemas)
  const shared = id === undefined ? undefined : sharedPlace(id, schema, builder)
  const place = shared?.name === name ? shared : { name, owner: name, view: name }
  addMessage(schema, place, builder)
  const message = builder.messages.get(name)
  if (withBody && message) {
    const body: FieldShape = { name: 'body', type: { kind: 'bytes' }, label: 'single' }
    builder.messages.set(name, { ...message, fields: [...message.fields, body] })
  }
}

function addMessage(schema: JsonSchema, place: Place, builder: ShapeBuilder): void {
  if (!claim(place, builder)) return
  const walked = `${place.owner} ${place.view}`
  if (builder.done.has(walked)) return
  builder.done.add(walked)
  const union = variantsOf(schema, builder.schemas)
  // Taken before its fields are walked, so that a message comes before those that it holds.
  if (!builder.messages.has(place.name)) {
    const oneOf = union ? { oneOf: union.discriminator } : {}
    builder.messages.set(place.name, { name: place.name, fields: [], ...oneOf, ...notes(schema) })
  }
  if (union) {
    const fields = union.variants.map((variant): FieldShape => {
      const bare = strip(variant.schema, child(place, variant.value), builder)
      return { name: variant.value, type: typeOf(bare, builder), label: 'single', ...notes(bare.schema) }
    })
    return addFields(place.name, fields, builder)
  }
  if (schema.type !== 'object') return unsupported(schema, place, builder)
  const required = new Set(schema.required)
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, required.has(name), child(place, name), builder),
  )
  addFields(place.name, fields, builder)
}

function fieldOf(
  name: string,
  property: JsonSchema,
  required: boolean,
  place: Place,
  builder: ShapeBuilder,
): FieldShape {
  const bare = strip(property, place, builder)
  // What a shared schema says of itself is said there.
  const note = { ...(bare.place.view === place.view ? notes(bare.schema) : {}), ...notes(property) }
  const { items, additionalProperties, properties } = bare.schema
  const one = (schema: JsonSchema, at: Place, label: FieldLabel): FieldShape => ({
    name,
    type: typeOf(strip(schema, at, builder), builder),
    label,
    ...note,
  })
  if (bare.schema.type === 'array' && typeof items === 'object') return one(items, bare.place, 'repeated')
  if (bare.schema.type === 'object' && !properties && typeof additionalProperties === 'object')
    return one(additionalProperties, child(bare.place, 'value'), 'map')
  const label = bare.optional || !required ? 'optional' : 'single'
  return { name, type: typeOf(bare, builder), label, ...(bare.nullable ? { nullable: true } : {}), ...note }
}

function typeOf({ schema, place }: Bare, builder: ShapeBuilder): FieldType {
  const scalar = scalarOf(schema)
  if (scalar) return { kind: 'scalar', name: scalar }
  if (schema.type === 'string') {
    addEnum(schema, place, builder)
    return { kind: 'enum', name: place.name }
  }
  addMessage(schema, place, builder)
  return { kind: 'message', name: place.name }
}

function addEnum(schema: JsonSchema, place: Place, builder: ShapeBuilder): void {
  if (!claim(place, builder)) return
  const known = builder.enums.get(place.name)?.values ?? []
  const values = new Set([...known, ...(schema.enum ?? []).map(String)])
  builder.enums.set(place.name, { name: place.name, values: [...values], ...notes(schema) })
}

/** The fields of a second view of a shared schema differ in what may be absent only. */
function addFields(name: string, added: readonly FieldShape[], builder: ShapeBuilder): void {
  const message = builder.messages.get(name)!
  const fields = new Map(message.fields.map((field) => [field.name, field]))
  for (const field of added)
    if (field.label === 'optional' || !fields.has(field.name)) fields.set(field.name, field)
  builder.messages.set(name, { ...message, fields: [...fields.values()] })
}

/** Follows references and takes off null, in whatever order they come. */
function strip(start: JsonSchema, from: Place, builder: ShapeBuilder): Bare {
  let schema = start
  let place = from
  let nullable = false
  for (;;) {
    if (schema.$ref !== undefined) {
      const resolved = resolveRef(schema, builder.schemas)
      if (resolved.id === undefined || resolved.schema.$ref !== undefined) break
      schema = resolved.schema
      place = sharedPlace(resolved.id, schema, builder)
      continue
    }
    const { type, anyOf, ...rest } = schema
    if (Array.isArray(type) && type.length === 2 && type.includes('null'))
      schema = { ...rest, type: type.find((name) => name !== 'null')! }
    else if (anyOf?.length === 2 && anyOf.some((option) => option.type === 'null'))
      schema = anyOf.find((option) => option.type !== 'null') ?? {}
    else break
    nullable = true
  }
  return { schema, optional: nullable || 'default' in start, nullable, place }
}

function sharedPlace(id: string, schema: JsonSchema, builder: ShapeBuilder): Place {
  const name = own(builder.schemas, id)?.['x-input-of'] ?? id
  const suffix = name !== builder.service ? '' : schema.type === 'string' ? 'Enum' : 'Message'
  return { name: `${name}${suffix}`, owner: `the schema ${name}`, view: id }
}

function child({ name, owner, view }: Place, field: string): Place {
  return { name: `${name}${pascalCase(field)}`, owner: `${owner}.${field}`, view }
}

function claim({ name, owner }: Place, builder: ShapeBuilder): boolean {
  const other = builder.owners.get(name) ?? owner
  builder.owners.set(name, other)
  if (other === owner) return true
  builder.problems.push({
    rule: 'interface/protobuf-name',
    path: owner,
    message: `its name in protobuf would be '${name}', which ${other} has`,
    remedy: 'give one of the two schemas another name with .meta({ id }), or set grpc: false on the endpoint',
  })
  return false
}

function unsupported(schema: JsonSchema, { owner }: Place, builder: ShapeBuilder): void {
  const what = schema.type ?? Object.keys(schema)
  builder.problems.push({
    rule: 'interface/protobuf-type',
    path: owner,
    message: `protobuf has no type for this (${String(what)})`,
    remedy: 'use z.object({ ... }), or set grpc: false on the endpoint',
  })
}

function notes({ description, deprecated }: JsonSchema): Pick<FieldShape, 'description' | 'deprecated'> {
  return { ...(description === undefined ? {} : { description }), ...(deprecated ? { deprecated } : {}) }
}
