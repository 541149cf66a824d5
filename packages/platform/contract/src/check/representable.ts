import type * as z from 'zod'
import { defOf } from '../schema-def.ts'
import type { Report } from './problem.ts'

/**
 * Reports what JSON Schema cannot say, or says while meaning something else. The interface document is compared between
 * versions, so a schema that hides what it accepts would make every comparison a guess.
 */
export function checkRepresentable(schema: z.core.$ZodType, path: string, report: Report): void {
  walk(schema, path, report, new Set())
}

const refused: Partial<Record<ReturnType<typeof defOf>['type'], readonly [message: string, remedy: string]>> =
  {
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
      'a transform, codec or preprocess is invisible to callers',
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

function walk(schema: z.core.$ZodType, path: string, report: Report, seen: Set<z.core.$ZodType>): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const def = defOf(schema)
  checkChecks(schema, path, report)
  const why = refused[def.type]
  if (why) return report(path, why[0], why[1])
  switch (def.type) {
    case 'object':
      if (def.catchall)
        report(
          path,
          'strict and loose objects and .catchall() decide about unknown fields, which readers of a contract always ignore',
          'use z.object({ ... }), or z.record(key, value) for free keys',
        )
      for (const [name, field] of Object.entries(def.shape)) {
        if (name === '__proto__' || name === 'constructor' || name === 'prototype')
          report(`${path}.${name}`, `a field cannot be named '${name}'`, 'use another name')
        walk(field, `${path}.${name}`, report, seen)
      }
      return
    case 'array':
      return walk(def.element, `${path}[]`, report, seen)
    case 'record':
      walk(def.keyType, `${path}.<key>`, report, seen)
      return walk(def.valueType, `${path}.<value>`, report, seen)
    case 'tuple':
      for (const [index, item] of def.items.entries()) walk(item, `${path}[${index}]`, report, seen)
      if (def.rest) walk(def.rest, `${path}[]`, report, seen)
      return
    case 'union':
      for (const [index, option] of def.options.entries()) walk(option, `${path}|${index}`, report, seen)
      return
    case 'lazy':
      return walk(def.getter(), path, report, seen)
    case 'literal':
      if (def.values.some((value) => typeof value === 'bigint' || value === undefined))
        report(path, 'a literal must be a JSON value', 'use a string, number, boolean or null')
      return
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return walk(def.innerType, path, report, seen)
  }
}

/** Checks are predicates attached to a schema: lengths and patterns are fine, code without a name is not. */
function checkChecks(schema: z.core.$ZodType, path: string, report: Report): void {
  const def = defOf(schema) as z.core.$ZodTypeDef
  for (const check of def.checks ?? []) {
    const checkDef = check._zod.def as z.core.$ZodCheckDef & {
      params?: object
      pattern?: RegExp
      format?: string
    }
    if (checkDef.check === 'custom' && !(checkDef.params && 'refinement' in checkDef.params))
      report(
        path,
        'a refinement without a name is invisible to callers',
        `name it: .refine(fn, named('name', 1, 'what must hold'))`,
      )
    if (checkDef.format === 'regex') checkPattern(checkDef.pattern, path, report)
  }
}

function checkPattern(pattern: RegExp | undefined, path: string, report: Report): void {
  const flags = pattern?.flags.replace(/[uv]/g, '')
  if (flags)
    report(
      path,
      `the flags '${flags}' of ${pattern} do not exist in JSON Schema`,
      'write the pattern without flags',
    )
}
