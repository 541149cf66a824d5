import type * as z from 'zod'
import { defOf, innerOfLazy, unwrap } from '../schema-def.ts'
import { checkDefault } from './default-value.ts'
import { checkPredicates } from './predicates.ts'
import { type Report, remembering } from './problem.ts'

/**
 * Reports what JSON Schema cannot say, or says while meaning something else. The interface document is compared between
 * versions, so a schema that hides what it accepts would make every comparison a guess.
 */
export function checkRepresentable(schema: z.core.$ZodType, path: string, report: Report): void {
  walk(schema, path, false, { report, seen: new Set(), depth: 0 })
}

interface Visit {
  readonly report: Report
  /** Objects and lazy schemas, the only ones that can contain themselves. */
  readonly seen: Set<z.core.$ZodType>
  readonly depth: number
}

/** Deep enough for every message that people can read; a recursive schema ends by `seen`. */
const maxDepth = 100

type SchemaKind = ReturnType<typeof defOf>['type']

const refused: Partial<Record<SchemaKind, readonly [message: string, remedy: string]>> = {
  any: ['z.any() says nothing about the value', 'write the schema of the value'],
  unknown: [
    'z.unknown() says nothing about the value',
    'write the schema of the value, or z.json() with grpc: false',
  ],
  bigint: ['a bigint is not a JSON value', 'use z.int() up to 2^53, or a string with a pattern'],
  date: ['a Date is not a JSON value', 'use z.iso.datetime() or z.iso.date()'],
  symbol: ['a symbol is not a JSON value', 'use z.enum([...])'],
  undefined: ['undefined is not a JSON value', 'use .optional() on the field'],
  void: ['void is not a JSON value', 'leave the field out'],
  nan: ['NaN is not a JSON value', 'use z.number()'],
  never: ['no value can ever be sent', 'leave the field out'],
  map: ['a Map is not a JSON value', 'use z.record(key, value)'],
  set: ['a Set is not a JSON value', 'use z.array(item)'],
  file: ['a File is not a JSON value', 'use body: bytes()'],
  transform: ['a transform is invisible to callers', 'convert in the handler'],
  pipe: [
    'a transform, codec, pipe or preprocess is invisible to callers',
    'describe the value as it is sent and convert in the handler',
  ],
  catch: [
    '.catch() hides what is accepted',
    'use .default() for absent values, and let wrong ones be refused',
  ],
  custom: ['z.custom() and z.instanceof() are invisible to callers', 'write the schema of the value'],
  promise: ['a promise is not a JSON value', 'write the schema of the value'],
  function: ['a function is not a JSON value', 'make it an endpoint'],
  success: ['z.success() is not the value that is sent', 'write the schema of the value'],
  intersection: [
    'an intersection cannot be compared field by field',
    'use .extend() or spread the shapes into one z.object()',
  ],
}

function walk(schema: z.core.$ZodType, path: string, mayBeAbsent: boolean, visit: Visit): void {
  const { report, seen } = visit
  const def = defOf(schema)
  if (def.type === 'object' || def.type === 'lazy') {
    if (seen.has(schema)) return
    seen.add(schema)
  }
  if (visit.depth > maxDepth)
    return report(
      path,
      `is nested more than ${maxDepth} deep`,
      'if it contains itself, let z.lazy() return a constant: const Node = z.object({ next: z.lazy(() => Node) })',
    )
  const why = refused[def.type]
  if (why) return report(path, ...why)
  checkPredicates(schema, path, report)
  const inside = { ...visit, depth: visit.depth + 1 }
  switch (def.type) {
    case 'object':
      return walkObject(def, path, inside)
    case 'array':
      return walk(def.element, `${path}[]`, false, inside)
    case 'record':
      if (def.mode === 'loose')
        report(path, 'z.looseRecord() lets other keys through unchecked', 'use z.record(key, value)')
      walk(def.keyType, `${path}.<key>`, false, inside)
      return walk(def.valueType, `${path}.<value>`, false, inside)
    case 'tuple':
      for (const [index, item] of def.items.entries()) walk(item, `${path}[${index}]`, false, inside)
      if (def.rest) walk(def.rest, `${path}[]`, false, inside)
      return
    case 'union':
      for (const [index, option] of def.options.entries()) walk(option, `${path}|${index}`, false, inside)
      return
    case 'lazy':
      if (isEndless(schema))
        return report(
          path,
          'z.lazy() stands for nothing but itself',
          'let it return an object that contains it',
        )
      return walk(innerOfLazy(schema), path, mayBeAbsent, inside)
    case 'optional':
    case 'default':
    case 'prefault': {
      if (!mayBeAbsent)
        report(
          path,
          'only a field of an object may be absent',
          'remove .optional() and .default() here, or use .nullable()',
        )
      const problems = remembering(report)
      walk(def.innerType, path, true, { ...inside, report: problems.report })
      if (def.type !== 'optional' && problems.paths.size === 0) checkDefault(def, path, report)
      return
    }
    case 'nonoptional':
      return walk(def.innerType, path, true, inside)
    case 'nullable':
    case 'readonly':
      return walk(def.innerType, path, mayBeAbsent, inside)
    case 'string':
    case 'number':
    case 'boolean':
      if (def.coerce)
        report(
          path,
          `z.coerce.${def.type}() hides what is accepted`,
          `use z.${def.type}(); fields of a path or a query are converted anyway`,
        )
      return
    case 'enum':
      if (Object.keys(def.entries).length === 0) report(path, ...refused.never!)
      return
    case 'literal':
      if (!def.values.every(isJsonLiteral))
        report(path, 'a literal must be a JSON value', 'use a string, number, boolean or null')
      return
    case 'null':
    case 'template_literal':
      return
    default:
      report(path, `schemas of the kind '${def.type}' have no JSON Schema`, 'write the schema of the value')
  }
}

function walkObject(def: z.core.$ZodObjectDef, path: string, visit: Visit): void {
  if (def.catchall)
    visit.report(
      path,
      'strict and loose objects and .catchall() decide about unknown fields, which readers of a contract always ignore',
      'use z.object({ ... }), or z.record(key, value) for free keys',
    )
  for (const [name, field] of Object.entries(def.shape)) {
    // zod finds such a field in every object, where its prototype has it.
    if (name in Object.prototype)
      visit.report(`${path}.${name}`, `every JavaScript object has a '${name}' already`, 'use another name')
    walk(field, `${path}.${name}`, true, visit)
  }
}

/** Whether lazy schemas lead back to themselves with nothing in between. */
function isEndless(schema: z.core.$ZodType): boolean {
  const seen = new Set<z.core.$ZodType>()
  for (let at = schema; defOf(at).type === 'lazy'; at = unwrap(innerOfLazy(at)).schema) {
    if (seen.has(at)) return true
    seen.add(at)
  }
  return false
}

function isJsonLiteral(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}
