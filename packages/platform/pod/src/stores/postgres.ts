import { parseMigrations, readMigrations } from '@atlas/manifest/migrations'
import { migrate, serverErrorOf, withClient } from '@atlas/postgres'
import { postgresStore } from '@atlas/stores/postgres'
import type { StoreOpener } from './store-opener.ts'

/** How many connections a pod has where the manifest does not say. */
const defaultConnections = 10

/** Databases that somebody else runs: the variable of the store has a `postgres://` URL. */
export const postgres: StoreOpener = {
  async open({ servlet, store, where, settings, log }) {
    const { maxConnections = defaultConnections } = settings as { maxConnections?: number }
    return postgresStore({ url: where, servlet, store, maxConnections, log })
  },
  async migrate({ store, where, folder }) {
    const { migrations, findings } = parseMigrations((await readMigrations(folder, ''))[store] ?? [])
    const [wrong] = findings
    if (wrong)
      throw new Error(`the migrations of '${store}' cannot be applied: ${wrong.file} ${wrong.message}`)
    try {
      const { applied } = await withClient(where, (client) => migrate(client, migrations))
      return applied.map(({ file }) => file)
    } catch (error) {
      throw serverErrorOf(error, where) ?? error
    }
  },
}
