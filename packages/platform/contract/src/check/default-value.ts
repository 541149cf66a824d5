import * as z from 'zod'
import type { Report } from './problem.ts'

/**
 * Reports a default that is not a constant, or that its own schema would refuse: zod takes a default as it is, and the
 * comparison of contracts compares it as data.
 */
export function checkDefault(
  def: z.core.$ZodDefaultDef | z.core.$ZodPrefaultDef,
  path: string,
  report: Report,
): void {
  // `defaultValue` is a getter that calls the function given to `.default()`.
  const value = def.defaultValue
  const json = JSON.stringify(value)
  if (json !== JSON.stringify(def.defaultValue))
    return report(
      path,
      'the default is another value each time',
      'use .optional() and fill it in the handler',
    )
  const parsed = z.core.safeParse(def.innerType, value)
  if (parsed.success) return
  const issue = parsed.error.issues[0]
  report(
    path,
    `its own schema refuses the default ${json}: ${issue?.message}`,
    'use a default that the schema accepts',
  )
}
