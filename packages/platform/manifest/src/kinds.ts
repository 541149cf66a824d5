import type * as z from 'zod'
import { type Environment, environment } from './schema/environment.ts'
import { type LibraryManifest, libraryManifest } from './schema/library.ts'
import { type ServletManifest, servletManifest } from './schema/servlet.ts'
import { type Teams, teams } from './schema/teams.ts'

/** The kinds of files that people write, and what each holds once its defaults are filled in. */
export interface Manifests {
  readonly servlet: ServletManifest
  readonly library: LibraryManifest
  readonly environment: Environment
  readonly teams: Teams
}

/** A kind of file that people write. */
export type ManifestKind = keyof Manifests

/** The schema of each kind, and what it is called in a sentence. */
export const manifestKinds: {
  readonly [K in ManifestKind]: { readonly schema: z.ZodType<Manifests[K]>; readonly title: string }
} = {
  servlet: { schema: servletManifest, title: 'servlet.json: what the owner of a servlet declares' },
  library: { schema: libraryManifest, title: 'library.json: who owns a library, and who may import it' },
  environment: { schema: environment, title: 'infra/environments/NAME.json: where servlets run' },
  teams: { schema: teams, title: 'infra/teams.json: who owns things' },
}
