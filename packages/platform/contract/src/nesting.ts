import type * as z from 'zod'
import { defOf, innerOfLazy } from './schema-def.ts'

/**
 * How deep values of recursive schemas may be nested. Parsers and `JSON.stringify` follow a value down the call stack,
 * which a few kilobytes of brackets can end anywhere between the input and the answer; this is far from there.
 */
export const maxNesting = 256

/** Whether values of a schema can be nested without end: nothing else can be deeper than the schema itself. */
export function isRecursive(schema: z.core.$ZodType): boolean {
  const done = new Set<z.core.$ZodType>()
  const above = new Set<z.core.$ZodType>()
  const visit = (inner: z.core.$ZodType): boolean => {
    if (above.has(inner)) return true
    if (done.has(inner)) return false
    above.add(inner)
    const recursive = childrenOf(inner).some(visit)
    above.delete(inner)
    done.add(inner)
    return recursive
  }
  return visit(schema)
}

/** Whether objects and arrays are more than `max` deep in each other. Does not itself follow them deeper. */
export function nestsDeeper(value: unknown, max: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (max === 0) return true
  for (const key in value) if (nestsDeeper((value as Record<string, unknown>)[key], max - 1)) return true
  return false
}

function childrenOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = defOf(schema)
  switch (def.type) {
    case 'lazy':
      return [innerOfLazy(schema)]
    case 'object':
      return [...Object.values(def.shape), ...(def.catchall ? [def.catchall] : [])]
    case 'array':
      return [def.element]
    case 'record':
      return [def.valueType]
    case 'tuple':
      return [...def.items, ...(def.rest ? [def.rest] : [])]
    case 'union':
      return def.options
    default:
      return 'innerType' in def ? [def.innerType as z.core.$ZodType] : []
  }
}
