import { join } from 'node:path'
import type { CatalogServlet, Store } from '@atlas/manifest'
import { poolSize } from '@atlas/postgres'
import type { Logger } from '@atlas/sdk'
import { placeOfStore, readBlobsUrl } from '@atlas/stores'
import { spaceOf, stateFolder } from '../state-folder.ts'
import { type DatabaseHostOptions, databaseHost } from './database-host.ts'
import type { StorePlan, StorePlans } from './store-plan.ts'

/** Options of {@link storeProvider}. */
export interface StoreProviderOptions extends DatabaseHostOptions {
  /** All servlets of the workspace: their pools share one server. */
  readonly servlets: readonly CatalogServlet[]
  /** Told which migrations were applied. */
  readonly logOf: (servlet: string) => Logger
}

/** Makes the stores of servlets ready, for whichever process opens them. */
export interface StoreProvider {
  /**
   * Makes a servlet's databases where there are none and applies new migrations. The first servlet with a database
   * starts the server. May be asked again when the servlet changed.
   *
   * @throws Error whose message is one sentence: why the servlet cannot have its stores, and what to do
   */
  plan(servlet: CatalogServlet): Promise<StorePlans>
  /** Lets go of the server, which ends when nobody else uses it. */
  close(): Promise<void>
}

/** Provides stores: Postgres from npm or the server that is given, blobs in folders or the bucket that is given. */
export function storeProvider(options: StoreProviderOptions): StoreProvider {
  const { root, environment, namespace, servlets, logOf } = options
  const databases = databaseHost(options)
  const state = stateFolder(root, environment, namespace)
  const totalWanted = servlets
    .flatMap(({ manifest }) => Object.values(manifest.stores))
    .reduce((sum, store) => sum + ('postgres' in store ? store.postgres.maxConnections : 0), 0)

  async function planOf(
    { name: servlet, dir }: CatalogServlet,
    name: string,
    store: Store,
  ): Promise<StorePlan> {
    if (!('postgres' in store)) return planBlobs(servlet, name)
    const ready = await databases.prepare({ servlet, dir, store: name })
    const log = logOf(servlet)
    for (const { file } of ready.applied) log.info(`applied ${file}`, { store: name })
    if (ready.newer.length > 0)
      log.warn(`store '${name}' has ${ready.newer.length} migrations of a newer version`, { store: name })
    const maxConnections = poolSize(store.postgres.maxConnections, totalWanted, ready.serverConnections)
    return { kind: 'postgres', url: ready.url, maxConnections }
  }

  async function planBlobs(servlet: string, name: string): Promise<StorePlan> {
    const url = options.variables.ATLAS_BLOBS_URL
    if (!url) return { kind: 'blobs', folder: join(state, servlet, name) }
    const place = placeOfStore(readBlobsUrl(url), [spaceOf(environment, namespace), servlet, name])
    // Loaded by those who have a bucket only: it takes a tenth of a second.
    await (await import('@atlas/stores/s3')).prepareS3(place)
    return place
  }

  return {
    async plan(servlet) {
      const planned = await Promise.all(
        Object.entries(servlet.manifest.stores).map(
          async ([name, store]) => [name, await planOf(servlet, name, store)] as const,
        ),
      )
      return Object.fromEntries(planned)
    },
    close: () => databases.close(),
  }
}
