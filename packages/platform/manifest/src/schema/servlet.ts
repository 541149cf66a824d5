import * as z from 'zod'
import { configValue } from './config-value.ts'
import { differInMoreThanCase, servletName, storedName, teamName } from './names.ts'
import { limits, objectives, release, rollout } from './policies.ts'
import { store } from './store.ts'

const everybody = '*'

/** The schema of `servlet.json`: what the owner declares and nobody can derive. */
export const servletManifest = z.strictObject({
  owner: teamName.describe(
    'The team in infra/teams.json that owns the servlet: the one authority over it, the first to be asked and to be paged. Required, because a guess would be worse than none.',
  ),
  description: z
    .string()
    .max(400)
    .default('')
    .describe('One sentence for lists and documentation. Empty by default: the name should say most of it.'),
  stores: z
    .record(storedName, store)
    .superRefine(differInMoreThanCase)
    .default({})
    .describe(
      'What it keeps, by the name that its code uses. {} by default: a servlet without state needs no care.',
    ),
  config: z
    .record(storedName, configValue)
    .superRefine(differInMoreThanCase)
    .default({})
    .describe(
      'Values that environments may override; each with its default, which is its type too. {} by default: what never differs belongs in the code.',
    ),
  secrets: z
    .record(
      storedName,
      z
        .string()
        .min(1)
        .meta({ examples: ['API key of the virus scanner'] }),
    )
    .superRefine(differInMoreThanCase)
    .default({})
    .describe('Secret values it needs: what each one is, never its value. {} by default: most need none.'),
  objectives,
  limits,
  rollout,
  release: release.exactOptional(),
  callers: z
    .array(
      z.union([z.literal(everybody), servletName], {
        error: ({ input }) => `'${String(input)}' is not a servlet name`,
      }),
    )
    .default([everybody])
    .describe(
      'Servlets that may call its endpoints, or "*" for all. ["*"] by default: the caller declares each call anyway, and its review is the place to object.',
    ),
})

/** A servlet's manifest with every default filled in. */
export type ServletManifest = z.output<typeof servletManifest>

/** A servlet's manifest as it may be written. */
export type ServletManifestWritten = z.input<typeof servletManifest> & { readonly $schema?: string }

/** Whether a manifest lets a servlet call. */
export function admits(manifest: ServletManifest, caller: string): boolean {
  return manifest.callers.includes(everybody) || manifest.callers.includes(caller)
}
