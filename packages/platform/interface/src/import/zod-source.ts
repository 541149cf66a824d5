import { flat, type Schemas } from '../compare/json/alternatives.ts'
import { idOfRef, type JsonSchema } from '../json-schema.ts'
import { pascalCase } from '../names.ts'
import type { Loss } from './description.ts'

/** Writes the zod source of JSON Schemas, and of the shared ones that they need. */
export class ZodWriter {
  readonly losses: Loss[] = []
  /** The source of shared schemas, in an order in which each comes after what it uses. */
  readonly shared = new Map<string, { source: string; isRecursive: boolean }>()
  readonly #schemas: Schemas
  readonly #open: string[] = []
  readonly #recursive = new Set<string>()

  /** @param schemas shared schemas by id, referenced as `#/schemas/Id` */
  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** The source of a schema. `where` is for what cannot be said. */
  write(schema: JsonSchema, where: string): string {
    const lose = (what: string): void => {
      this.losses.push({ where, what })
    }
    const { $ref, ...beside } = schema
    if ($ref !== undefined) {
      const id = idOfRef($ref) ?? ''
      if (!Object.hasOwn(this.#schemas, id)) {
        lose(`references ${$ref}, which is not there; any JSON is taken`)
        return 'z.json()'
      }
      if (isAnyJson(this.#schemas[id]!)) return 'z.json()'
      return `${this.#reference(id)}${beside.nullable === true ? '.nullable()' : ''}`
    }
    if (schema.allOf) return this.#allOf(schema, where, lose)
    if (schema.nullable === true) {
      const { nullable: _nullable, ...bare } = schema
      return this.#nullable(bare, where)
    }
    if (Array.isArray(schema.type)) {
      const types = schema.type.filter((type) => type !== 'null')
      const { type: _types, ...rest } = schema
      const bare: JsonSchema =
        types.length === 1
          ? { ...rest, type: types[0]! }
          : { anyOf: types.map((type) => ({ ...rest, type })) }
      return types.length < schema.type.length ? this.#nullable(bare, where) : this.write(bare, where)
    }
    if (schema.not) lose('says what a value is not; that is left out')
    return `${this.#bare(schema, where, lose)}${metaOf(schema)}`
  }

  /** A schema with what it references and what it is put together of, in one. */
  flattened(schema: JsonSchema): JsonSchema {
    return flat(schema, this.#schemas)
  }

  #nullable(schema: JsonSchema, where: string): string {
    const bare: JsonSchema = { ...schema }
    if (bare.enum) bare.enum = bare.enum.filter((value) => value !== null)
    return `${this.write(bare, where)}.nullable()`
  }

  #reference(id: string): string {
    if (this.#open.includes(id)) {
      for (const each of this.#open.slice(this.#open.indexOf(id))) this.#recursive.add(each)
      return `z.lazy(() => ${id})`
    }
    if (!this.shared.has(id)) {
      this.#open.push(id)
      const source = this.write(this.#schemas[id]!, id)
      this.#open.pop()
      const isObject = !/\.(nullable|optional)\(\)$/.test(source)
      this.shared.set(id, {
        source:
          isObject && !source.startsWith('z.lazy') && /^z\./.test(source)
            ? `${source}.meta({ id: ${JSON.stringify(id)} })`
            : source,
        isRecursive: this.#recursive.has(id),
      })
    }
    return id
  }

  #allOf(schema: JsonSchema, where: string, lose: (what: string) => void): string {
    const merged = flat(schema, this.#schemas)
    if (merged.allOf) {
      lose('allOf with parts that cannot be put into one; the parts that can are')
      const { allOf: _rest, ...kept } = merged
      return this.write(kept, where)
    }
    return this.write(merged, where)
  }

  #bare(schema: JsonSchema, where: string, lose: (what: string) => void): string {
    const options = schema.oneOf ?? schema.anyOf
    if (isAnyJson(schema)) return 'z.json()'
    if (options) return this.#union(schema, options, where, lose)
    if ('const' in schema) return enumOf([schema.const], lose)
    if (schema.enum) return enumOf(schema.enum, lose)
    switch (schema.type ?? (schema.properties ? 'object' : schema.items ? 'array' : undefined)) {
      case 'string':
        return this.#text(schema, lose)
      case 'integer':
        return `z.int()${rangeOf(schema)}`
      case 'number':
        return `z.number()${rangeOf(schema)}`
      case 'boolean':
        return 'z.boolean()'
      case 'null':
        return 'z.null()'
      case 'array':
        return this.#array(schema, where, lose)
      case 'object':
        return this.#object(schema, where, lose)
      default:
        return 'z.json()'
    }
  }

  #union(
    schema: JsonSchema,
    options: readonly JsonSchema[],
    where: string,
    lose: (what: string) => void,
  ): string {
    const types = options.filter(
      (each) =>
        each.type !== undefined ||
        each.$ref ||
        each.properties ||
        each.enum ||
        each.allOf ||
        each.oneOf ||
        each.anyOf ||
        'const' in each ||
        each.items,
    )
    if (schema.properties || types.length < options.length) {
      lose(
        `${schema.oneOf ? 'oneOf' : 'anyOf'} beside other words, such as which fields go together; that is left out`,
      )
      const { oneOf: _one, anyOf: _any, ...kept } = schema
      return kept.type || kept.properties || kept.items ? this.#bare(kept, where, lose) : 'z.json()'
    }
    const others = options.filter(({ type }) => type !== 'null')
    const nullable = others.length < options.length ? '.nullable()' : ''
    if (schema.oneOf && others.length > 1) lose('oneOf: a value may fit more than one variant, as with anyOf')
    const sources = [...new Set(others.map((each) => this.write(each, where)))]
    if (sources.length === 1) return `${sources[0]}${nullable}`
    return `z.union([${sources.join(', ')}])${nullable}`
  }

  #text({ minLength, maxLength, pattern }: JsonSchema, lose: (what: string) => void): string {
    let source = 'z.string()'
    source += countOf('min', minLength) + countOf('max', maxLength)
    if (typeof pattern !== 'string') return source
    try {
      new RegExp(pattern, 'u')
      return `${source}.regex(new RegExp(${JSON.stringify(pattern)}))`
    } catch {
      lose(`the pattern ${pattern} does not compile; it is left out`)
      return source
    }
  }

  #array(schema: JsonSchema, where: string, lose: (what: string) => void): string {
    const { items, minItems, maxItems, uniqueItems } = schema as JsonSchema & {
      minItems?: number
      maxItems?: number
      uniqueItems?: boolean
    }
    if (uniqueItems) lose('uniqueItems; items may be there twice')
    const item = typeof items === 'object' ? this.write(items, where) : 'z.json()'
    return `z.array(${item})${countOf('min', minItems)}${countOf('max', maxItems)}`
  }

  #object(schema: JsonSchema, where: string, lose: (what: string) => void): string {
    const { properties, additionalProperties, required = [] } = schema
    const { minProperties, maxProperties } = schema as { minProperties?: number; maxProperties?: number }
    if (minProperties !== undefined || maxProperties !== undefined)
      lose('the number of fields; any number is taken')
    if (!properties || Object.keys(properties).length === 0) {
      const value =
        typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
          ? this.write(additionalProperties, where)
          : 'z.json()'
      return additionalProperties === false || (properties && additionalProperties === undefined)
        ? 'z.object({})'
        : `z.record(z.string(), ${value})`
    }
    if (additionalProperties) lose('fields beside the declared ones; they are dropped')
    return `z.object({ ${this.fields(properties, required, where).join(', ')} })`
  }

  /** `name: z.string(), age: z.int().optional()` */
  fields(
    properties: Readonly<Record<string, JsonSchema>>,
    required: readonly string[],
    where: string,
  ): string[] {
    return Object.entries(properties).flatMap(([name, field]) => {
      if (name in Object.prototype) {
        this.losses.push({
          where,
          what: `the field '${name}', which every JavaScript object has; it is dropped`,
        })
        return []
      }
      return [
        `${JSON.stringify(name)}: ${this.write(field, `${where}.${name}`)}${required.includes(name) ? '' : '.optional()'}`,
      ]
    })
  }
}

/** What shared schemas are called here, by their names in a description: `simple-user` -> `SimpleUser`. No two have the same. */
export function schemaNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  return new Map(
    names.map((name) => {
      const pascal = pascalCase(name)
      const wanted = /^[A-Z]/.test(pascal) ? pascal : `Schema${pascal}`
      let made = wanted
      for (let count = 2; taken.has(made.toLowerCase()); count++) made = `${wanted}${count}`
      taken.add(made.toLowerCase())
      return [name, made]
    }),
  )
}

function enumOf(values: readonly unknown[], lose: (what: string) => void): string {
  const others = values.filter((value) => value !== null)
  const nullable = others.length < values.length ? '.nullable()' : ''
  if (others.length === 0) return 'z.null()'
  if (others.some((value) => typeof value === 'object')) {
    lose('an enum of objects; any JSON is taken')
    return 'z.json()'
  }
  if (others.every((value) => typeof value === 'string'))
    return `z.enum(${JSON.stringify([...new Set(others)])})${nullable}`
  return `${literals(others)}${nullable}`
}

/** Only a number that a length may have becomes code, whatever the description holds. */
function countOf(method: 'min' | 'max', count: unknown): string {
  return Number.isSafeInteger(count) && (count as number) >= (method === 'min' ? 1 : 0)
    ? `.${method}(${count as number})`
    : ''
}

function literals(values: readonly unknown[]): string {
  return values.length === 1
    ? `z.literal(${JSON.stringify(values[0])})`
    : `z.literal(${JSON.stringify(values)})`
}

function rangeOf(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<
    string,
    number | boolean | undefined
  >
  const parts: string[] = []
  const isSafe = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER
  if (isSafe(minimum)) parts.push(exclusiveMinimum === true ? `.gt(${minimum})` : `.min(${minimum})`)
  if (isSafe(maximum)) parts.push(exclusiveMaximum === true ? `.lt(${maximum})` : `.max(${maximum})`)
  if (isSafe(exclusiveMinimum)) parts.push(`.gt(${exclusiveMinimum})`)
  if (isSafe(exclusiveMaximum)) parts.push(`.lt(${exclusiveMaximum})`)
  if (isSafe(multipleOf) && multipleOf > 0) parts.push(`.multipleOf(${multipleOf})`)
  return parts.join('')
}

/** Formats are kept as they are in OpenAPI: notes, not checks. */
function metaOf({ description, format, title, deprecated }: JsonSchema): string {
  const meta = {
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
    ...(typeof format === 'string' ? { format } : {}),
    ...(deprecated === true ? { deprecated } : {}),
  }
  return Object.keys(meta).length === 0 ? '' : `.meta(${JSON.stringify(meta)})`
}

/** What `z.json()` becomes in a document: a choice of every type. */
function isAnyJson({ anyOf }: JsonSchema): boolean {
  const types = new Set(anyOf?.map(({ type }) => String(type)))
  return ['string', 'number', 'boolean', 'null', 'array', 'object'].every((type) => types.has(type))
}
