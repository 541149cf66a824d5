import * as z from 'zod'
import { type Issue, issuesOf } from './error.ts'
import { isRecursive, maxNesting, nestsDeeper } from './nesting.ts'

/** What a parser says: the value as the schema makes it, or every issue. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Parses a value; never throws for a wrong one. */
export type Parser<T> = (value: unknown) => Parsed<T>

const parsers = new WeakMap<z.core.$ZodType, Parser<unknown>>()

/**
 * The compiled parser of a schema (`z.compile`, https://zod.dev/compile), made on first use and kept. It builds a fresh
 * value of known fields only, so what goes through it shares nothing with what came in.
 *
 * `ATLAS_ZOD_COMPILE=0` turns compilation off, should a schema ever behave differently compiled.
 */
export function parserOf<S extends z.core.$ZodType>(schema: S): Parser<z.output<S>> {
  let parser = parsers.get(schema)
  if (!parser) {
    const compiled = compilationOff() ? schema : z.compile(schema)
    const recursive = isRecursive(schema)
    parser = (value) => {
      if (recursive && nestsDeeper(value, maxNesting))
        return { ok: false, issues: [{ path: '', message: 'is nested too deeply' }] }
      const result = z.core.safeParse(compiled, value)
      return result.success ? { ok: true, value: result.data } : { ok: false, issues: issuesOf(result.error) }
    }
    parsers.set(schema, parser)
  }
  return parser as Parser<z.output<S>>
}

function compilationOff(): boolean {
  // Contracts also run in browsers, which have no process.
  return globalThis.process?.env?.ATLAS_ZOD_COMPILE === '0'
}
