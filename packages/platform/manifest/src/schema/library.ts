import * as z from 'zod'
import { teamName } from './names.ts'

/** The schema of `library.json`: who owns shared code, and who may import it. */
export const libraryManifest = z.strictObject({
  owner: teamName.describe(
    'The team in infra/teams.json that owns the library. Required: shared code without an owner rots.',
  ),
  visibility: z
    .array(
      z
        .string()
        .regex(/^(public|team:[a-z][a-z0-9-]*|(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)$/, {
          error: ({ input }) => `'${input}' names nobody`,
        })
        .meta({ examples: ['public', 'team:storage', '@acme/search'] }),
    )
    .default([])
    .describe(
      'Who may import it besides packages of its owner: "public", "team:NAME", or the name of a package. [] by default: what others use can no longer be changed freely, so it is a decision.',
    ),
})

/** A library's manifest with every default filled in. */
export type LibraryManifest = z.output<typeof libraryManifest>

/** A library's manifest as it may be written. */
export type LibraryManifestWritten = z.input<typeof libraryManifest> & { readonly $schema?: string }
