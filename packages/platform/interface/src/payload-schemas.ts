import * as z from 'zod'
import {
  idOfRef,
  type JsonSchema,
  mapChildren,
  mapRefs,
  type NamedRefinement,
  refsIn,
  refTo,
} from './json-schema.ts'
import type { Payload } from './payload.ts'
import { InterfaceError, type InterfaceProblem } from './problem.ts'
import { byCodeUnits } from './records.ts'
import { schemaIdsOf } from './schema-ids.ts'

/** The JSON Schemas of payloads by key, and the shared schemas that they reference. */
export interface PayloadSchemas {
  readonly payloads: ReadonlyMap<string, JsonSchema>
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

/**
 * Turns payloads into JSON Schemas: the input side of what callers send, the output side of what they get. A shared
 * schema whose sides differ (it has a default, say) is there twice: `Account` as callers get it, `AccountInput` as they
 * send it.
 *
 * @throws InterfaceError when ids of schemas are unusable.
 */
export function schemasOfPayloads(payloads: readonly Payload[]): PayloadSchemas {
  const { ids, problems } = schemaIdsOf(payloads)
  const failed = (problems: readonly InterfaceProblem[]): void => {
    if (problems.length > 0)
      throw new InterfaceError('the schemas of the contract cannot be shared', problems)
  }
  failed(problems)
  const sent = convert(payloads, 'input', ids)
  const got = convert(payloads, 'output', ids)
  const split = sidesThatDiffer(sent.schemas, got.schemas)
  failed(
    [...split]
      .filter((id) => inputView(id) in sent.schemas || inputView(id) in got.schemas)
      .map((id) => ({
        rule: 'interface/schema-id',
        path: `schemas.${inputView(id)}`,
        message: `'${inputView(id)}' is needed for '${id}' as callers send it, and is the id of another schema`,
        remedy: `give the schema '${inputView(id)}' another id`,
      })),
  )
  const toInputView = (ref: string): string => {
    const id = idOfRef(ref)
    return id !== undefined && split.has(id) ? refTo(inputView(id)) : ref
  }
  const schemas = { ...got.schemas }
  for (const [id, schema] of Object.entries(sent.schemas))
    if (split.has(id)) schemas[inputView(id)] = { 'x-input-of': id, ...mapRefs(schema, toInputView) }
    else schemas[id] = mapRefs(schema, toInputView)
  const inputs = [...sent.payloads].map(([key, schema]) => [key, mapRefs(schema, toInputView)] as const)
  return { payloads: new Map([...inputs, ...got.payloads]), schemas }
}

function inputView(id: string): string {
  return `${id}Input`
}

/** Ids whose input side is not their output side, in themselves or in what they reference. */
function sidesThatDiffer(
  sent: Readonly<Record<string, JsonSchema>>,
  got: Readonly<Record<string, JsonSchema>>,
): Set<string> {
  const both = Object.keys(sent).filter((id) => Object.hasOwn(got, id))
  const differ = new Set(both.filter((id) => JSON.stringify(sent[id]) !== JSON.stringify(got[id])))
  for (let before = -1; before !== differ.size; ) {
    before = differ.size
    for (const id of both)
      if ([...refsIn(sent[id]!)].some((ref) => differ.has(idOfRef(ref) ?? ''))) differ.add(id)
  }
  return differ
}

function convert(
  all: readonly Payload[],
  io: 'input' | 'output',
  ids: ReadonlyMap<z.core.$ZodType, string>,
): { payloads: Map<string, JsonSchema>; schemas: Record<string, JsonSchema> } {
  const payloads = all.filter((payload) => payload.io === io)
  // One conversion of all payloads, so that what they share is written once.
  const together = z.object(Object.fromEntries(payloads.map(({ key, schema }) => [key, schema as z.ZodType])))
  const metadata = z.registry<z.core.GlobalMeta>()
  metadata.get = (schema) => {
    const meta = z.globalRegistry.get(schema)
    const id = ids.get(schema)
    return (id === undefined ? meta : { ...meta, id }) as ReturnType<typeof metadata.get>
  }
  const { properties = {}, $defs = {} } = z.toJSONSchema(together, {
    target: 'draft-2020-12',
    io,
    metadata,
    override: ({ zodSchema, jsonSchema }) => adjust(zodSchema, jsonSchema as JsonSchema),
  }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
  const tidy = (schema: JsonSchema): JsonSchema => {
    const { $ref, ...beside } = schema
    const def = $ref?.replace('#/$defs/', '')
    if (def === undefined) return tidied(mapChildren(schema, tidy))
    // Not one of ours: zod takes a schema out when it contains itself, even through a schema with an id.
    if (def.startsWith('__schema')) return tidy({ ...$defs[def], ...beside })
    return tidied(mapChildren({ $ref: refTo(def), ...beside }, tidy))
  }
  return {
    payloads: new Map(payloads.map(({ key }) => [key, tidy(properties[key]!)])),
    schemas: Object.fromEntries(
      Object.entries($defs)
        .filter(([id]) => !id.startsWith('__schema'))
        .map(([id, schema]) => [id, tidy(schema)]),
    ),
  }
}

function tidied(schema: JsonSchema): JsonSchema {
  if (schema.required) schema.required = [...schema.required].sort(byCodeUnits)
  // That the keys of a record are strings needs no saying.
  const { propertyNames } = schema
  if (propertyNames?.type === 'string' && Object.keys(propertyNames).length === 1) delete schema.propertyNames
  return schema
}

const protobufFormats: Readonly<Record<string, string>> = {
  int32: 'int32',
  uint32: 'uint32',
  float32: 'float',
}
const formatsThatPatternsSay = new Set(['starts_with', 'ends_with', 'includes', 'lowercase', 'uppercase'])

/** Adds what zod does not say and later steps need; removes what it says and contracts do not mean. */
function adjust(zodSchema: z.core.$ZodTypes, schema: JsonSchema): void {
  const def = zodSchema._zod.def
  // zod drops unknown fields of outputs; to callers that is not a promise that there are none.
  if (schema.additionalProperties === false) delete schema.additionalProperties
  if (schema.format && formatsThatPatternsSay.has(schema.format)) delete schema.format
  // About JavaScript objects; in JSON Schema it would mean that only the servlet may set the field.
  if (def.type === 'readonly') delete schema.readOnly
  if (def.type === 'union' && 'discriminator' in def && !schema.$ref)
    schema.discriminator = { propertyName: String(def.discriminator) }
  const checks = [...('check' in def ? [def] : []), ...(def.checks ?? []).map((check) => check._zod.def)]
  for (const check of checks as { check?: string; format?: string; params?: object }[]) {
    if (check.check === 'number_format' && check.format && Object.hasOwn(protobufFormats, check.format))
      schema.format = protobufFormats[check.format]!
    if (check.check === 'custom' && check.params && 'refinement' in check.params)
      addRefinement(schema, check.params.refinement as NamedRefinement)
  }
}

function addRefinement(schema: JsonSchema, { name, version }: NamedRefinement): void {
  const known = schema['x-refinements'] ?? []
  if (known.some((other) => other.name === name && other.version === version)) return
  // A new list: the old one belongs to the schema that this one was made from.
  schema['x-refinements'] = [...known, { name, version }].sort((a, b) => byCodeUnits(a.name, b.name))
}
