import { defOf, innerOfLazy, unwrap } from '@atlas/contract'
import * as z from 'zod'
import { isSchemaId, pascalCase } from './names.ts'
import type { Payload } from './payload.ts'
import type { InterfaceProblem } from './problem.ts'

/** The ids of the schemas that must be shared, by schema, and what is wrong with them. */
export interface SchemaIds {
  readonly ids: ReadonlyMap<z.core.$ZodType, string>
  readonly problems: readonly InterfaceProblem[]
}

/**
 * Finds the schemas that stand on their own: those with `.meta({ id })`, and those that contain themselves, which
 * are named after the path where they are met first.
 */
export function schemaIdsOf(payloads: readonly Payload[]): SchemaIds {
  const search: Search = {
    ids: new Map(),
    owners: new Map(),
    problems: [],
    done: new Set(),
    pending: payloads.map(({ schema, name, key }) => ({ schema, name, key })),
  }
  for (let next = search.pending.shift(); next; next = search.pending.shift())
    visit(next.schema, next.name, next.key, new Map(), search)
  return search
}

interface Search {
  readonly ids: Map<z.core.$ZodType, string>
  readonly owners: Map<string, { schema: z.core.$ZodType; key: string }>
  readonly problems: InterfaceProblem[]
  readonly done: Set<z.core.$ZodType>
  readonly pending: { schema: z.core.$ZodType; name: string; key: string }[]
}

function visit(
  schema: z.core.$ZodType,
  name: string,
  key: string,
  above: Map<z.core.$ZodType, string>,
  search: Search,
): void {
  if (above.has(schema)) {
    const { schema: target } = unwrap(schema)
    if (!search.ids.has(target)) claim(target, above.get(target) ?? name, key, search)
    return
  }
  if (search.done.has(schema)) return
  const id = z.globalRegistry.get(schema)?.id
  if (id !== undefined && above.size > 0) {
    // A cycle through a schema with an id is broken by it, wherever the walk entered.
    search.pending.push({ schema, name: id, key })
    return
  }
  search.done.add(schema)
  if (id !== undefined) claim(schema, id, key, search)
  const here = id ?? name
  above.set(schema, here)
  if (schema._zod.parent) visit(schema._zod.parent, here, key, above, search)
  for (const [suffix, child] of childrenOf(schema)) visit(child, `${here}${suffix}`, key, above, search)
  above.delete(schema)
}

function claim(schema: z.core.$ZodType, id: string, key: string, search: Search): void {
  const owner = search.owners.get(id)
  if (!isSchemaId(id))
    search.problems.push({
      rule: 'interface/schema-id',
      path: key,
      message: `the schema id '${id}' is not a name that JSON Schema, OpenAPI and protobuf all take`,
      remedy: 'use PascalCase letters and digits, as in FileEntry',
    })
  else if (owner && owner.schema !== schema)
    search.problems.push({
      rule: 'interface/schema-id',
      path: key,
      message: `two different schemas have the id '${id}' (the other one is in ${owner.key})`,
      remedy: 'declare the schema once and use it in both places, or give one of them another id',
    })
  search.owners.set(id, owner ?? { schema, key })
  search.ids.set(schema, id)
}

/** The schemas directly inside a schema, each with what its place adds to a name. */
function childrenOf(schema: z.core.$ZodType): [suffix: string, child: z.core.$ZodType][] {
  const def = defOf(schema)
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).map(([name, field]) => [pascalCase(name), field])
    case 'array':
      return [['', def.element]]
    case 'record':
      return [
        ['Key', def.keyType],
        ['Value', def.valueType],
      ]
    case 'tuple':
      return [...def.items, ...(def.rest ? [def.rest] : [])].map((item, index) => [`Item${index + 1}`, item])
    case 'union':
      return def.options.map((option, index) => [`Option${index + 1}`, option])
    case 'lazy':
      return [['', innerOfLazy(schema)]]
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return [['', def.innerType]]
    default:
      return []
  }
}
