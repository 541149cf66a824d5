import type { JsonSchema } from '../../json-schema.ts'
import { own } from '../../records.ts'
import type { Containment } from './contain.ts'
import { examples, type Gap, lifted, placed } from './gap.ts'
import { keysOf, minimal, object, restOf } from './samples.ts'
import { type Limits, refusal } from './validate.ts'

/** What objects of the writer have or lack that the reader does not take. */
export function objectGaps(writer: JsonSchema, reader: JsonSchema, sides: Containment): Gap[] {
  return [
    ...missing(writer, reader, sides),
    ...fields(writer, reader, sides),
    ...others(writer, reader, sides),
    ...keys(writer, reader, sides),
    ...size(writer, reader, sides),
  ]
}

function missing(writer: JsonSchema, reader: JsonSchema, { writer: schemas }: Containment): Gap[] {
  const required = new Set(writer.required)
  return (reader.required ?? [])
    .filter((name) => !required.has(name))
    .map((name) => {
      const isKnown =
        Object.hasOwn(writer.properties ?? {}, name) || restOf(writer.additionalProperties) !== undefined
      return {
        kind: 'field-missing',
        path: `.${name}`,
        writes: isKnown ? `leave out '${name}'` : `never send '${name}'`,
        takes: `only objects with '${name}'`,
        candidates: examples(() => [object(writer, schemas, 0, writer.required ?? [])]),
      }
    })
}

/** A whole object with one field as given. */
function withField(
  writer: JsonSchema,
  name: string,
  { writer: schemas }: Containment,
): (value: unknown) => unknown {
  let base: Record<string, unknown> | undefined | null = null
  return (value) => {
    // Only made where a gap was found, once for all its examples.
    base ??=
      object(
        writer,
        schemas,
        0,
        (writer.required ?? []).filter((each) => each !== name),
      ) ?? undefined
    if (base === undefined || base === null) return undefined
    const made = { ...base }
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
    return made
  }
}

function fields(writer: JsonSchema, reader: JsonSchema, sides: Containment): Gap[] {
  return Object.entries(writer.properties ?? {}).flatMap(([name, field]) => {
    const place = withField(writer, name, sides)
    const read = own(reader.properties, name) ?? reader.additionalProperties
    if (read === undefined || read === true) return []
    if (read === false) return [refused(name, field, place, sides)]
    return lifted(sides.gaps(field, read), `.${name}`, place)
  })
}

function refused(
  name: string,
  field: JsonSchema,
  place: (value: unknown) => unknown,
  { writer: schemas }: Containment,
): Gap {
  return {
    kind: 'field-refused',
    path: `.${name}`,
    writes: `send '${name}'`,
    takes: `no field '${name}'`,
    candidates: examples(() => [place(minimal(field, schemas))]),
  }
}

/** Fields of a record, whose names are not given. */
function others(writer: JsonSchema, reader: JsonSchema, sides: Containment): Gap[] {
  const rest = restOf(writer.additionalProperties)
  if (!rest) return []
  const declared = Object.entries(reader.properties ?? {})
    .filter(([name]) => !Object.hasOwn(writer.properties ?? {}, name))
    .filter(
      ([name]) => !writer.propertyNames || refusal(name, writer.propertyNames, sides.writer) === undefined,
    )
    .flatMap(([name, field]) => lifted(sides.gaps(rest, field), `.${name}`, withField(writer, name, sides)))
  const { additionalProperties: read } = reader
  if (read === undefined || read === true) return declared
  const key = keysOf(writer.propertyNames, sides.writer, 2).find(
    (each) => !Object.hasOwn(writer.properties ?? {}, each) && !Object.hasOwn(reader.properties ?? {}, each),
  )
  const place = key === undefined ? () => undefined : withField(writer, key, sides)
  if (read === false) return [...declared, refused(key ?? 'any', rest, place, sides)]
  return [...declared, ...lifted(sides.gaps(rest, read), '.<value>', place)]
}

function keys(writer: JsonSchema, reader: JsonSchema, sides: Containment): Gap[] {
  const { propertyNames } = reader
  if (!propertyNames) return []
  const rest = restOf(writer.additionalProperties)
  const names: JsonSchema = {
    anyOf: [
      ...Object.keys(writer.properties ?? {}).map((name) => ({ const: name })),
      ...(rest ? [writer.propertyNames ?? { type: 'string' }] : []),
    ],
  }
  return sides.gaps(names, propertyNames).map((gap) => ({
    ...gap,
    kind: 'key',
    path: `.<key>${gap.path}`,
    candidates: placed(gap.candidates, (key) => {
      const field = own(writer.properties, String(key)) ?? rest ?? {}
      return withField(writer, String(key), sides)(minimal(field, sides.writer))
    }),
  }))
}

function size(writer: JsonSchema, reader: JsonSchema, { writer: schemas }: Containment): Gap[] {
  const [wrote, read] = [writer as Limits, reader as Limits]
  const rest = restOf(writer.additionalProperties)
  const least = Math.max(wrote.minProperties ?? 0, writer.required?.length ?? 0)
  const most = Math.min(
    wrote.maxProperties ?? Number.POSITIVE_INFINITY,
    rest ? Number.POSITIVE_INFINITY : Object.keys(writer.properties ?? {}).length,
  )
  const found: Gap[] = []
  const gap = (count: number, takes: string): void => {
    found.push({
      kind: 'count',
      path: '',
      writes: `send ${count} fields`,
      takes: `only objects with ${takes} fields`,
      candidates: examples(() => [
        object({ ...writer, minProperties: count }, schemas, 0, writer.required ?? []),
      ]),
    })
  }
  if (read.minProperties !== undefined && least < read.minProperties)
    gap(least, `at least ${read.minProperties}`)
  if (read.maxProperties !== undefined && most > read.maxProperties)
    gap(read.maxProperties + 1, `at most ${read.maxProperties}`)
  return found
}
