import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { namedStores, type PlaceOptions, withDatabases } from './stores.ts'

/** Options of `atlas db migrate`. */
export interface MigrateOptions extends PlaceOptions {
  readonly stores: readonly string[]
  readonly json: boolean
}

/** `atlas db migrate`: brings databases to where the files are. Running it again changes nothing. */
export function migrate({ stores: names, json, ...place }: MigrateOptions, output: Output): Promise<number> {
  return withDatabases(place, async (host, stores) => {
    const wanted = names.length === 0 ? stores : namedStores(names, stores)
    const databases = []
    for (const store of wanted) {
      const { database, applied, newer } = await host.prepare(store)
      databases.push({
        servlet: store.servlet,
        store: store.store,
        database,
        applied: applied.map(({ file }) => file),
        newer: newer.map(({ number, name, kind }) => ({ number, name, kind })),
      })
      if (json) continue
      for (const { file } of applied) output.print(`${store.label}: applied ${file}`)
      if (applied.length === 0) output.print(`${store.label}: nothing new`)
      if (newer.length > 0)
        output.print(`${store.label}: ${newer.length} of a newer version are applied too, which does no harm`)
    }
    if (json) output.json({ databases })
    else if (wanted.length === 0) output.print('no servlet has a Postgres store')
    return exitCode.done
  })
}
