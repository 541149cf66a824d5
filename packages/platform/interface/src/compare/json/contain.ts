import { stableText } from '../../document-text.ts'
import { equal } from '../../equal.ts'
import type { JsonSchema, NamedRefinement } from '../../json-schema.ts'
import { own } from '../../records.ts'
import { effort } from '../effort.ts'
import { type Alternative, alternativesOf, flat, type JsonType, type Schemas } from './alternatives.ts'
import { arrayGaps } from './contain-array.ts'
import { objectGaps } from './contain-object.ts'
import { numberGaps, textGaps } from './contain-scalar.ts'
import { type Examples, examples, type Gap } from './gap.ts'
import { type Identical, identicalIn } from './identical.ts'
import { minimalOf, scalars, several } from './samples.ts'
import { refusal } from './validate.ts'

/** Finds what a writer may produce and a reader may not take. */
export interface Containment {
  readonly writer: Schemas
  readonly reader: Schemas
  /** Empty exactly if it is certain that the reader takes every value that the writer produces. */
  gaps(writer: JsonSchema, reader: JsonSchema): Gap[]
}

/**
 * Compares schemas of two documents: is every value that a writer produces under one valid under the other?
 *
 * A writer produces declared fields only (the runtime and clients drop others), and a reader ignores those that it does not
 * know. Whatever is not certain is a gap, so a mistake here can report too much, not too little.
 */
export function containment(
  writer: Schemas,
  reader: Schemas,
  identical: Identical = identicalIn(writer, reader),
): Containment {
  return new Comparer(writer, reader, identical)
}

class Comparer implements Containment {
  readonly writer: Schemas
  readonly reader: Schemas
  readonly #identical: Identical
  /** Pairs of shared schemas whose gaps are known. */
  readonly #known = new Map<string, Gap[]>()
  /** Pairs that are being compared: met again, they hold if all else does. */
  readonly #open: string[] = []
  /** The outermost open pair that the result at hand depends on. */
  #dependsOn = Number.POSITIVE_INFINITY

  constructor(writer: Schemas, reader: Schemas, identical: Identical) {
    this.writer = writer
    this.reader = reader
    this.#identical = identical
  }

  gaps(writer: JsonSchema, reader: JsonSchema): Gap[] {
    if (this.#identical.same(writer, reader)) return []
    effort()
    if (writer.$ref === undefined && reader.$ref === undefined) return this.#compare(writer, reader)
    const pair = `${textOf(writer)}\n${textOf(reader)}`
    const known = this.#known.get(pair)
    if (known) return known
    const open = this.#open.indexOf(pair)
    if (open >= 0) {
      this.#dependsOn = Math.min(this.#dependsOn, open)
      return []
    }
    const before = this.#dependsOn
    this.#dependsOn = Number.POSITIVE_INFINITY
    const level = this.#open.push(pair) - 1
    const found = this.#compare(writer, reader)
    this.#open.pop()
    // What leans on an assumption about a pair further out may not hold elsewhere.
    if (this.#dependsOn >= level) {
      this.#known.set(pair, found)
      this.#dependsOn = before
    } else this.#dependsOn = Math.min(this.#dependsOn, before)
    return found
  }

  #compare(writer: JsonSchema, reader: JsonSchema): Gap[] {
    const [left, right] = [flat(writer, this.writer), flat(reader, this.reader)]
    const gaps = [
      ...refinementGaps(left, right),
      ...this.#written(left, right).flatMap((each) => this.#alternative(each, reader)),
    ]
    // What is compared again and again is gone into again by those who use it.
    effort(gaps.length)
    return gaps.length > 0 ? fewEnough(gaps) : this.#oneOfGaps(left, right)
  }

  /** Of an open union, the variant for what is not known is there for readers: nobody writes it to an open reader. */
  #written(writer: JsonSchema, reader: JsonSchema): readonly Alternative[] {
    const known = writer['x-open'] === true && reader['x-open'] === true ? writer.anyOf?.[0] : undefined
    return alternativesOf(known ?? writer, this.writer)
  }

  /** What one alternative of the writer allows and the reader, as a whole, does not. */
  #alternative(alternative: Alternative, reader: JsonSchema): Gap[] {
    if (alternative.kind === 'values') return this.#valueGaps(alternative.values, reader)
    if (alternative.kind === 'null' || alternative.kind === 'boolean')
      return this.#valueGaps(scalars(alternative), reader)
    const options = alternativesOf(reader, this.reader)
    const matching = options.filter(({ kind }) => takes(kind, alternative.kind))
    if (matching.length === 0) return [this.#typeGap(alternative, options)]
    const variants =
      alternative.kind === 'object' && matching.length > 1 ? this.#variantsOf(options) : undefined
    const values = variants && this.#literalsAt(alternative, variants.field, this.writer)
    if (variants && values) return this.#variantGaps(alternative, values, variants, reader)
    const attempts = matching.map((option) => this.#pair(alternative, option))
    return attempts.some((gaps) => gaps.length === 0) ? [] : fewest(attempts)
  }

  #pair(writer: Alternative, reader: Alternative): Gap[] {
    effort()
    const gaps = [
      ...refinementGaps(writer.schema, reader.schema),
      ...furtherGaps(
        writer.schema,
        reader.schema,
        examples(() => several(writer.schema, this.writer)),
      ),
    ]
    switch (writer.kind) {
      case 'string':
        return [...gaps, ...textGaps(writer.schema, reader.schema)]
      case 'integer':
      case 'number':
        return [...gaps, ...numberGaps(writer, reader)]
      case 'array':
        return [...gaps, ...arrayGaps(writer.schema, reader.schema, this)]
      default:
        return [...gaps, ...objectGaps(writer.schema, reader.schema, this)]
    }
  }

  #valueGaps(values: readonly unknown[], reader: JsonSchema): Gap[] {
    return values
      .filter((value) => refusal(value, reader, this.reader) !== undefined)
      .map((value) => ({
        kind: value === null ? 'null' : 'value',
        path: '',
        writes: `send ${JSON.stringify(value)}`,
        takes: value === null ? 'no null' : `only ${this.#described(reader)}`,
        candidates: [value],
      }))
  }

  #typeGap(alternative: Alternative, options: readonly Alternative[]): Gap {
    const what = nouns[alternative.kind as JsonType]
    const values = options.filter(({ kind }) => kind === 'values')
    const isValue = values.some(
      (each) => each.kind === 'values' && typeof each.values[0] === typeOf(alternative.kind),
    )
    return {
      kind: isValue ? 'value' : 'type',
      path: '',
      writes: `send ${what}`,
      takes: `only ${describe(options)}`,
      candidates: examples(() => [
        ...scalars(alternative),
        ...several(alternative.schema, this.writer),
        minimalOf(alternative, this.writer),
      ]),
    }
  }

  /** The variant of the reader that a discriminating field chooses; where the writer's allows several, one by one. */
  #variantGaps(
    writer: Alternative,
    values: readonly unknown[],
    { field, byValue }: Variants,
    reader: JsonSchema,
  ): Gap[] {
    // One that takes all that the writer sends has all of its values there.
    const [first] = values
    const takesAll = (byValue.get(first) ?? []).some((each) => this.#pair(writer, each).length === 0)
    if (takesAll) return []
    return values.flatMap((value): Gap[] => {
      const chosen = byValue.get(value) ?? []
      const narrowed: Alternative = {
        ...writer,
        schema: {
          ...writer.schema,
          properties: { ...writer.schema.properties, [field]: { const: value } },
        },
      } as Alternative
      if (chosen.length > 0) return fewest(chosen.map((each) => this.#pair(narrowed, each)))
      return [
        {
          kind: 'variant',
          path: '',
          writes: `send the variant ${JSON.stringify(value)}`,
          takes: `only ${this.#described(reader, field)}`,
          candidates: examples(() => [minimalOf(narrowed, this.writer)]),
        },
      ]
    })
  }

  readonly #variants = new WeakMap<readonly Alternative[], Variants | { readonly field: undefined }>()

  /** The objects among what a reader takes, by the values of the field that tells them apart; undefined where none does. */
  #variantsOf(options: readonly Alternative[]): Variants | undefined {
    let known = this.#variants.get(options)
    if (!known) {
      const objects = options.filter(({ kind }) => kind === 'object')
      const field = this.#discriminatorOf(objects)
      if (field === undefined) known = { field: undefined }
      else {
        const byValue = new Map<unknown, Alternative[]>()
        // Objects that are equal are not the same.
        for (const each of objects)
          for (const value of new Set(this.#literalsAt(each, field, this.reader)))
            if (typeof value === 'object' && value !== null) return undefined
            else if (byValue.get(value)?.push(each) === undefined) byValue.set(value, [each])
        known = { field, byValue }
      }
      this.#variants.set(options, known)
    }
    return known.field === undefined ? undefined : known
  }

  /** A field that every variant requires and that has given values in each. */
  #discriminatorOf(variants: readonly Alternative[]): string | undefined {
    return variants[0]?.schema.required?.find((name) =>
      variants.every(
        (each) => each.schema.required?.includes(name) && this.#literalsAt(each, name, this.reader),
      ),
    )
  }

  #literalsAt({ schema }: Alternative, name: string, schemas: Schemas): unknown[] | undefined {
    const field = own(schema.properties, name)
    if (!field) return undefined
    const values: unknown[] = []
    for (const each of alternativesOf(field, schemas))
      if (each.kind === 'values') values.push(...each.values)
      else return undefined
    return values
  }

  /** `oneOf` refuses what fits twice; without a discriminator that depends on how its variants overlap. */
  #oneOfGaps(writer: JsonSchema, reader: JsonSchema): Gap[] {
    const { oneOf } = reader
    if (!oneOf || oneOf.length < 2 || reader.discriminator) return []
    const options = oneOf.flatMap((each) => alternativesOf(each, this.reader))
    const kinds = options.map(({ kind }) => kind)
    const isApart =
      options.length === oneOf.length &&
      !kinds.includes('values') &&
      new Set(kinds.map((kind) => (kind === 'integer' ? 'number' : kind))).size === kinds.length
    if (isApart || this.#discriminates(options)) return []
    if (equal(writer.oneOf ?? [], oneOf)) return []
    return [
      {
        kind: 'undecided',
        path: '',
        writes: 'send what fits more than one variant',
        takes: 'only what fits exactly one',
        candidates: examples(() => several(writer, this.writer)),
        reason: 'the variants have no field that tells them apart',
      },
    ]
  }

  #discriminates(options: readonly Alternative[]): boolean {
    if (!options.every(({ kind }) => kind === 'object')) return false
    const field = this.#discriminatorOf(options)
    if (field === undefined) return false
    const values = options.flatMap((each) => this.#literalsAt(each, field, this.reader) ?? [])
    return new Set(values).size === values.length
  }

  #described(reader: JsonSchema, field?: string): string {
    const options = alternativesOf(reader, this.reader)
    if (field === undefined) return describe(options)
    return list(
      options
        .flatMap((each) => this.#literalsAt(each, field, this.reader) ?? [])
        .map((value) => JSON.stringify(value)),
    )
  }
}

/** Variants of a reader, by the values of the field that tells them apart. */
interface Variants {
  readonly field: string
  readonly byValue: ReadonlyMap<unknown, readonly Alternative[]>
}

/** So many gaps of one payload are told apart: with a shared schema in many places there are more places than anybody reads. */
const mostGaps = 500

function fewEnough(gaps: Gap[]): Gap[] {
  if (gaps.length <= mostGaps) return gaps
  return [
    ...gaps.filter(({ path, kind }) => path !== '' || kind !== 'undecided').slice(0, mostGaps - 1),
    {
      kind: 'undecided',
      path: '',
      writes: 'send what differs in further places',
      takes: 'only what is as before there',
      candidates: [],
      reason: `of more than ${mostGaps} differences, the others are not looked at`,
    },
  ]
}

/** A text that is the same for schemas that say the same. A plain reference is its own. */
function textOf(schema: JsonSchema): string {
  const { $ref } = schema
  if ($ref !== undefined && Object.keys(schema).length === 1) return $ref
  return stableText(schema)
}

function takes(reader: Alternative['kind'], writer: Alternative['kind']): boolean {
  if (writer === 'integer' || writer === 'number') return reader === 'integer' || reader === 'number'
  return reader === writer
}

function fewest(attempts: readonly Gap[][]): Gap[] {
  return attempts.reduce((best, gaps) => (gaps.length < best.length ? gaps : best))
}

/** Predicates in code: only their names and versions can be compared. */
function refinementGaps(writer: JsonSchema, reader: JsonSchema): Gap[] {
  const known = writer['x-refinements'] ?? []
  const holds = ({ name, version }: NamedRefinement): boolean =>
    known.some((other) => other.name === name && other.version === version)
  return (reader['x-refinements'] ?? [])
    .filter((each) => !holds(each))
    .map(({ name, version }) => {
      const other = known.find((each) => each.name === name)
      return {
        kind: 'refinement',
        path: '',
        writes: other ? `send what passes '${name}' version ${other.version}` : `send what '${name}' refuses`,
        takes: `only what passes '${name}' version ${version}`,
        candidates: [],
        reason: `'${name}' is code, of which a document holds the name and the version only`,
      }
    })
}

const handled = new Set([
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', '$ref', 'x-refinements', 'format'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...[
    'minLength',
    'maxLength',
    'pattern',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ],
  ...[
    'title',
    'description',
    'deprecated',
    'default',
    'examples',
    'example',
    'discriminator',
    'readOnly',
    'writeOnly',
  ],
  ...['x-input-of', 'x-known-values', 'x-open', 'contentEncoding', 'contentMediaType', '$comment', 'allOf'],
])

/** Keywords that nothing here understands: they hold where the writer has the very same. */
function furtherGaps(writer: JsonSchema, reader: JsonSchema, candidates: Examples): Gap[] {
  const parts = (schema: JsonSchema): string[] => [
    ...Object.entries(schema)
      .filter(([keyword]) => !handled.has(keyword))
      .map(([keyword, value]) => stableText({ [keyword]: value })),
    ...(schema.allOf ?? []).filter((part) => part.pattern === undefined).map(stableText),
  ]
  const demands = parts(reader)
  if (demands.length === 0) return []
  const known = parts(writer)
  return demands
    .filter((part) => !known.includes(part))
    .map((part) => ({
      kind: 'undecided',
      path: '',
      writes: 'send anything that it declares',
      takes: `only what satisfies ${part.length > 60 ? `${part.slice(0, 60)}...` : part}`,
      candidates,
      reason: 'this keyword is not compared',
    }))
}

function typeOf(kind: Alternative['kind']): string {
  return kind === 'integer' ? 'number' : kind
}

const nouns: Readonly<Record<JsonType, string>> = {
  null: 'null',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  string: 'any text',
  array: 'a list',
  object: 'an object',
}

function describe(options: readonly Alternative[]): string {
  const parts = options.flatMap((each) =>
    each.kind === 'values' ? each.values.map((value) => JSON.stringify(value)) : [plain[each.kind]],
  )
  return list([...new Set(parts)])
}

const plain: Readonly<Record<JsonType, string>> = { ...nouns, string: 'text' }

function list(parts: readonly string[]): string {
  if (parts.length === 0) return 'nothing'
  const shown = parts.length > 7 ? [...parts.slice(0, 6), `${parts.length - 6} more`] : parts
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
