import { errorFinding, type Finding } from '../finding.ts'
import { parseMigrations } from '../migrations/parse-migrations.ts'
import { nearest } from '../nearest.ts'
import type { Drafts, ServletDraft } from './drafts.ts'

/** Migrations have right names and numbers, and belong to a Postgres store that is declared. */
export function checkMigrations({ servlets }: Drafts): Finding[] {
  return servlets.flatMap((servlet) =>
    Object.entries(servlet.pkg.migrations ?? {}).flatMap(([store, files]) => [
      ...checkStore(servlet, store),
      ...parseMigrations(files).findings,
    ]),
  )
}

function checkStore({ pkg, manifest, files }: ServletDraft, store: string): Finding[] {
  // What a broken manifest declares is not known.
  if (!manifest) return []
  const declared = Object.hasOwn(manifest.stores, store) ? manifest.stores[store] : undefined
  if (declared && 'postgres' in declared) return []
  const stores = Object.entries(manifest.stores).flatMap(([name, kind]) => ('postgres' in kind ? [name] : []))
  const near = nearest(store, stores)
  const declare = `declare "${store}": { "postgres": {} } in ${files.manifest}`
  return [
    errorFinding({
      rule: 'migrations/store',
      file: `${pkg.dir}/migrations/${store}`,
      path: '',
      message: declared
        ? `is for the store '${store}', which is not Postgres`
        : `is for the store '${store}', which is not declared`,
      remedy:
        near === undefined ? `${declare}, or remove the folder` : `rename it to '${near}', or ${declare}`,
    }),
  ]
}
