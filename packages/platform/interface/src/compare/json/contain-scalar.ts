import type { JsonSchema } from '../../json-schema.ts'
import type { Alternative } from './alternatives.ts'
import type { Gap } from './gap.ts'
import { scalars, texts } from './samples.ts'
import { type Limits, refusal } from './validate.ts'

/** What strings of the writer the reader does not take. */
export function textGaps(writer: JsonSchema, reader: JsonSchema): Gap[] {
  const [wrote, read] = [writer as Limits, reader as Limits]
  const found: Gap[] = []
  let samples: string[] | undefined
  const refusedBy = (part: JsonSchema): string[] => {
    samples ??= texts(writer, [(read.minLength ?? 0) - 1, (read.maxLength ?? 0) + 1])
    return samples.filter((text) => refusal(text, part, {}) !== undefined)
  }
  if ((read.minLength ?? 0) > (wrote.minLength ?? 0))
    found.push({
      kind: 'length',
      path: '',
      writes: lengthOf(wrote),
      takes: `only text of at least ${read.minLength} characters`,
      candidates: refusedBy({ minLength: read.minLength }),
    })
  if ((read.maxLength ?? Number.POSITIVE_INFINITY) < (wrote.maxLength ?? Number.POSITIVE_INFINITY))
    found.push({
      kind: 'length',
      path: '',
      writes: lengthOf(wrote),
      takes: `only text of at most ${read.maxLength} characters`,
      candidates: refusedBy({ maxLength: read.maxLength }),
    })
  const known = patternsOf(writer)
  for (const pattern of patternsOf(reader))
    if (!known.some((each) => each === pattern || excludesAll(each, pattern)))
      found.push({
        kind: 'format',
        path: '',
        writes: `send ${kindOfText(writer)}`,
        takes: `only text that matches ${pattern}`,
        candidates: refusedBy({ pattern }),
        reason: `no text was found that ${kindOfText(writer)} may be and ${pattern} does not match; that there is none is not proven`,
      })
  if (read.format !== undefined && read.format !== wrote.format)
    found.push({
      kind: 'format',
      path: '',
      writes: `send ${kindOfText(writer)}`,
      takes: `only text of the format '${read.format}'`,
      candidates: refusedBy({ format: read.format }),
      reason: `whether all of it has the format '${read.format}' is not proven`,
    })
  for (const keyword of ['contentEncoding', 'contentMediaType'])
    if (reader[keyword] !== undefined && reader[keyword] !== writer[keyword])
      found.push({
        kind: 'format',
        path: '',
        writes: `send ${kindOfText(writer)}`,
        takes: `only text with the ${keyword} '${String(reader[keyword])}'`,
        candidates: refusedBy(reader),
        reason: 'what text encodes is not compared',
      })
  return found
}

/** `open()` of a union excludes the variants it knows by a pattern of this form. */
const exclusion = /^\^\(\?!\(\?:(.*)\)\$\)$/

/** Whether one pattern excludes every text that another, of the form that `open()` makes, excludes. */
function excludesAll(known: string, pattern: string): boolean {
  const [some, all] = [exclusion.exec(pattern)?.[1], exclusion.exec(known)?.[1]]
  if (some === undefined || all === undefined) return false
  const excluded = all.split('|')
  return some.split('|').every((each) => excluded.includes(each))
}

function patternsOf(schema: JsonSchema): string[] {
  return [schema.pattern, ...(schema.allOf ?? []).map(({ pattern }) => pattern)].filter(
    (pattern): pattern is string => typeof pattern === 'string',
  )
}

function kindOfText(schema: JsonSchema): string {
  const { format, pattern } = schema as Limits
  if (format !== undefined) return `text of the format '${format}'`
  return pattern === undefined ? 'any text' : `text that matches ${pattern}`
}

function lengthOf({ minLength = 0, maxLength }: Limits): string {
  return maxLength === undefined
    ? `send text of ${minLength} characters or more`
    : `send text of ${minLength} to ${maxLength} characters`
}

/** What numbers of the writer the reader does not take. */
export function numberGaps(writer: Alternative, reader: Alternative): Gap[] {
  const [wrote, read] = [writer.schema as Limits, reader.schema as Limits]
  const found: Gap[] = []
  const add = (
    kind: 'type' | 'range',
    writes: string,
    takes: string,
    hints: number[],
    part: JsonSchema,
  ): void => {
    const candidates = scalars(writer, hints).filter((value) => refusal(value, part, {}) !== undefined)
    found.push({ kind, path: '', writes, takes, candidates })
  }
  const whole = Number.isInteger(wrote.multipleOf)
  if (reader.kind === 'integer' && writer.kind === 'number' && !whole)
    add('type', 'send a fraction', 'only whole numbers', [], { type: 'integer' })
  // Between whole numbers, above 0 is from 1.
  const bound = writer.kind === 'integer' ? closed : (each: Bound, _towards: 1 | -1): Bound => each
  const [wroteLow, readLow] = [bound(lowOf(wrote), 1), bound(lowOf(read), 1)]
  if (readLow.at > wroteLow.at || (readLow.at === wroteLow.at && readLow.open && !wroteLow.open))
    add('range', `send ${rangeOf(wrote)}`, `only ${rangeOf(read)}`, [readLow.at], {
      ...(readLow.open ? { exclusiveMinimum: readLow.at } : { minimum: readLow.at }),
    })
  const [wroteHigh, readHigh] = [bound(highOf(wrote), -1), bound(highOf(read), -1)]
  if (readHigh.at < wroteHigh.at || (readHigh.at === wroteHigh.at && readHigh.open && !wroteHigh.open))
    add('range', `send ${rangeOf(wrote)}`, `only ${rangeOf(read)}`, [readHigh.at], {
      ...(readHigh.open ? { exclusiveMaximum: readHigh.at } : { maximum: readHigh.at }),
    })
  const { multipleOf } = read
  const divides =
    multipleOf === undefined ||
    (wrote.multipleOf !== undefined && Number.isInteger(wrote.multipleOf / multipleOf)) ||
    (writer.kind === 'integer' && Number.isInteger(1 / multipleOf))
  if (!divides)
    add(
      'range',
      `send ${rangeOf(wrote)}`,
      `only multiples of ${multipleOf}`,
      [multipleOf! * 1.5, multipleOf! + 1],
      {
        multipleOf,
      },
    )
  return found
}

interface Bound {
  readonly at: number
  readonly open: boolean
}

function closed({ at, open }: Bound, towards: 1 | -1): Bound {
  const whole = towards === 1 ? Math.ceil(at) : Math.floor(at)
  return { at: open && whole === at ? at + towards : whole, open: false }
}

function lowOf({
  minimum = Number.NEGATIVE_INFINITY,
  exclusiveMinimum = Number.NEGATIVE_INFINITY,
}: Limits): Bound {
  return exclusiveMinimum >= minimum && exclusiveMinimum !== Number.NEGATIVE_INFINITY
    ? { at: exclusiveMinimum, open: true }
    : { at: minimum, open: false }
}

function highOf({
  maximum = Number.POSITIVE_INFINITY,
  exclusiveMaximum = Number.POSITIVE_INFINITY,
}: Limits): Bound {
  return exclusiveMaximum <= maximum && exclusiveMaximum !== Number.POSITIVE_INFINITY
    ? { at: exclusiveMaximum, open: true }
    : { at: maximum, open: false }
}

function rangeOf(limits: Limits): string {
  const [low, high] = [lowOf(limits), highOf(limits)]
  const from = low.at === Number.NEGATIVE_INFINITY ? undefined : `${low.open ? 'above' : 'from'} ${low.at}`
  const to = high.at === Number.POSITIVE_INFINITY ? undefined : `${high.open ? 'below' : 'to'} ${high.at}`
  return from === undefined && to === undefined
    ? 'any number'
    : `numbers ${[from, to].filter(Boolean).join(' ')}`
}
