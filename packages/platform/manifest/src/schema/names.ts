import * as z from 'zod'

const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** The longest name of a servlet: what Kubernetes and Flagger append to it must still fit into 63 characters. */
const servletNameLength = 40

/** Words that mean something on every object: as a name they would shadow it, or be found where nothing was declared. */
const takenWords = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then']

/** Whether a text may be the name of a servlet. */
export function isServletName(text: string): boolean {
  return text.length <= servletNameLength && kebab.test(text)
}

/** The name of a servlet: its folder, its contract, its Kubernetes namespace. */
export const servletName = z
  .string()
  .regex(kebab, { error: ({ input }) => `'${input}' is not a servlet name` })
  .max(servletNameLength)
  .meta({ description: 'Lower-case words joined by hyphens, as in file-links', examples: ['file-links'] })

/** The name of a team. */
export const teamName = z
  .string()
  .regex(kebab, { error: ({ input }) => `'${input}' is not a team name` })
  .meta({ description: 'Lower-case words joined by hyphens, as in search-quality', examples: ['web'] })

/** The name of a group of servlets that share a process. */
export const groupName = z
  .string()
  .regex(kebab, { error: ({ input }) => `'${input}' is not a group name` })
  .meta({ description: 'Lower-case words joined by hyphens, as in file-sharing', examples: ['core'] })

/**
 * The name of a store, a config value or a secret. It becomes a property in TypeScript, an environment variable, and
 * part of the name of a database, so it is the intersection of what these allow.
 */
export const storedName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*$/, { error: ({ input }) => `'${input}' is not a name in camelCase` })
  .max(40)
  .refine((name) => !takenWords.includes(name), {
    error: ({ input }) => `'${input}' means something on every JavaScript object`,
    params: { remedy: 'use another name' },
  })
  .meta({
    description: 'A name in camelCase, as in maxUploadMiB',
    examples: ['maxUploadMiB'],
    not: { enum: takenWords.filter((word) => /^[a-z][A-Za-z0-9]*$/.test(word)) },
  })

/** Refuses names that differ in case only: as environment variables and database names they would be one. */
export function differInMoreThanCase(
  record: Readonly<Record<string, unknown>>,
  ctx: z.core.$RefinementCtx,
): void {
  const seen = new Map<string, string>()
  for (const name of Object.keys(record)) {
    const other = seen.get(name.toLowerCase())
    if (other === undefined) seen.set(name.toLowerCase(), name)
    else
      ctx.addIssue({
        code: 'custom',
        path: [name],
        message: `'${name}' differs from '${other}' in case only`,
        params: { remedy: 'rename one of them' },
      })
  }
}
