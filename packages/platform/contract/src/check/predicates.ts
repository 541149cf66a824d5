import * as z from 'zod'
import { defOf } from '../schema-def.ts'
import type { Report } from './problem.ts'

/** All that the checks of zod's own kinds have in their definitions. */
interface CheckDef {
  readonly check: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly params?: { readonly refinement?: { readonly name?: unknown; readonly version?: unknown } }
  readonly fn?: Function
  readonly tx?: Function
  readonly hostname?: RegExp
  readonly protocol?: RegExp
  readonly normalize?: boolean
  readonly alg?: string
}

/** Checks that JSON Schema has words for, or that say nothing about values. */
const visible = new Set([
  ...['less_than', 'greater_than', 'multiple_of', 'number_format'],
  ...['min_length', 'max_length', 'length_equals'],
  ...['describe', 'meta'],
])

/** Reports the checks of a schema that callers cannot see: lengths and patterns are fine, code without a name is not. */
export function checkPredicates(schema: z.core.$ZodType, path: string, report: Report): void {
  const def = defOf(schema) as z.core.$ZodTypeDef & Partial<CheckDef>
  // A format such as z.email() is a schema and a check in one.
  if (def.check !== undefined) checkPredicate(def as CheckDef, path, report)
  for (const check of def.checks ?? []) checkPredicate(check._zod.def as CheckDef, path, report)
}

function checkPredicate(def: CheckDef, path: string, report: Report): void {
  if (def.check === 'custom') checkRefinement(def, path, report)
  else if (def.check === 'string_format') checkFormat(def, path, report)
  else if (def.check === 'overwrite') checkOverwrite(def, path, report)
  else if (!visible.has(def.check))
    report(
      path,
      `a check of the kind '${def.check}' is invisible to callers`,
      `use a named one: ${namedExample}`,
    )
}

const namedExample = `.refine(fn, named('name', 1, 'what must hold'))`

function checkRefinement({ params, fn }: CheckDef, path: string, report: Report): void {
  const refinement = params?.refinement
  if (!refinement)
    return report(path, 'a refinement without a name is invisible to callers', `name it: ${namedExample}`)
  const { name, version } = refinement
  if (typeof name !== 'string' || name === '' || !Number.isSafeInteger(version) || Number(version) < 1)
    report(
      path,
      `'${name}', ${version} does not name a refinement`,
      `use a name and a version from 1: ${namedExample}`,
    )
  if (fn?.constructor.name === 'AsyncFunction')
    report(path, `the refinement '${name}' is asynchronous`, 'look things up in the handler')
}

function checkFormat(def: CheckDef, path: string, report: Report): void {
  if (def.fn && !def.pattern)
    report(
      path,
      `the code of the format '${def.format}' is invisible to callers`,
      `use a pattern, or ${namedExample}`,
    )
  if (def.hostname || def.protocol || def.normalize)
    report(
      path,
      'what a URL may be beyond z.url() is invisible to callers',
      'write it as a pattern: z.url().regex(/^https:/)',
    )
  if (def.alg) report(path, `the algorithm of z.jwt() is invisible to callers`, 'check it in the handler')
  if (def.pattern && !builtIn.has(def.pattern)) checkPattern(def.pattern, path, report)
}

const builtIn: ReadonlySet<unknown> = new Set(Object.values(z.core.regexes))

function checkPattern(pattern: RegExp, path: string, report: Report): void {
  const flags = pattern.flags.replace('u', '')
  if (flags)
    return report(
      path,
      `the flags '${flags}' of ${pattern} do not exist in JSON Schema`,
      'write the pattern without flags',
    )
  try {
    new RegExp(pattern.source, 'u')
  } catch {
    report(
      path,
      `the pattern ${pattern} does not compile with the flag 'u', which readers of JSON Schema use`,
      'remove needless backslashes',
    )
  }
}

function checkOverwrite({ tx }: CheckDef, path: string, report: Report): void {
  if (!normalizations.has(String(tx)))
    report(
      path,
      '.overwrite() and .slugify() change the value where callers cannot see it',
      'convert in the handler; only .trim(), .toLowerCase(), .toUpperCase() and .normalize() are fine',
    )
}

/**
 * The source of the functions of `.trim()` and its like, for all that zod keeps of them is the function. They are let
 * through, because they are what people expect of an e-mail address and may run twice with the same result.
 */
const normalizations = new Set(
  [z.core._trim(), z.core._toLowerCase(), z.core._toUpperCase(), z.core._normalize()].map((check) =>
    String((check._zod.def as unknown as CheckDef).tx),
  ),
)
