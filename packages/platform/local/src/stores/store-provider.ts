import { join } from 'node:path'
import { type CatalogServlet, storeKind } from '@atlas/manifest'
import { parseMigrations, readMigrations } from '@atlas/manifest/migrations'
import { databaseName, poolSize, prepareDatabase, serverErrorOf, withClient } from '@atlas/postgres'
import { acquireServer, type HeldServer, serverConnections } from '@atlas/postgres/server'
import type { Logger } from '@atlas/sdk'
import { sentenceOf } from '../plan.ts'
import { spaceOf, stateFolder } from '../state-folder.ts'
import type { StorePlan, StorePlans } from './store-plan.ts'

/** Options of {@link storeProvider}. */
export interface StoreProviderOptions {
  /** The root of the workspace. */
  readonly root: string
  readonly environment: string
  readonly namespace?: string | undefined
  /** All servlets of the workspace: their pools share one server. */
  readonly servlets: readonly CatalogServlet[]
  /** `ATLAS_POSTGRES_URL` names a server to use in place of one from npm. */
  readonly variables: Readonly<Record<string, string | undefined>>
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

/** What is known of the server once somebody needs one. */
interface Server {
  readonly url: string
  readonly connections: number
  release(): void
}

/** Provides stores on this machine: blobs in folders, Postgres from npm or the server that is given. */
export function storeProvider(options: StoreProviderOptions): StoreProvider {
  const { root, environment, namespace, servlets, variables, logOf } = options
  const space = spaceOf(environment, namespace)
  let server: Promise<Server> | undefined
  const wanted = servlets.flatMap(({ manifest }) =>
    Object.values(manifest.stores).map((store) => ('postgres' in store ? store.postgres.maxConnections : 0)),
  )
  const totalWanted = wanted.reduce((sum, each) => sum + each, 0)

  const serverOnce = () => {
    server ??= serverOf(root, variables.ATLAS_POSTGRES_URL)
    // Whoever asks next may have more luck.
    server.catch(() => {
      server = undefined
    })
    return server
  }

  const planPostgres = async (
    { name: servlet, dir }: CatalogServlet,
    store: string,
    maxConnections: number,
  ): Promise<StorePlan> => {
    const { migrations, findings } = parseMigrations((await readMigrations(root, dir))[store] ?? [])
    const [wrong] = findings
    if (wrong) throw new Error(sentenceOf(wrong))
    const { url: serverUrl, connections } = await serverOnce()
    const { url, applied, newer } = await prepareDatabase(
      serverUrl,
      databaseName(space, servlet, store),
      migrations,
    )
    const log = logOf(servlet)
    for (const { file } of applied) log.info(`applied ${file}`, { store })
    if (newer.length > 0)
      log.warn(`store '${store}' has ${newer.length} migrations of a newer version`, { store })
    return { kind: 'postgres', url, maxConnections: poolSize(maxConnections, totalWanted, connections) }
  }

  return {
    async plan(servlet) {
      const state = stateFolder(root, environment, namespace)
      const planned = await Promise.all(
        Object.entries(servlet.manifest.stores).map(async ([name, store]) => {
          if (storeKind(store) === 'blobs')
            return [name, { kind: 'blobs', folder: join(state, servlet.name, name) }] as const
          const { maxConnections } = (store as { postgres: { maxConnections: number } }).postgres
          return [name, await planPostgres(servlet, name, maxConnections)] as const
        }),
      )
      return Object.fromEntries(planned)
    },
    async close() {
      const running = await server?.catch(() => undefined)
      server = undefined
      running?.release()
    },
  }
}

async function serverOf(root: string, given: string | undefined): Promise<Server> {
  if (given) return givenServer(given)
  const held: HeldServer = await acquireServer(postgresFolder(root), 'keep')
  return { url: held.url, connections: serverConnections, release: () => held.release() }
}

/** The folder of a workspace's own Postgres. */
export function postgresFolder(root: string): string {
  return join(root, '.atlas/postgres')
}

/** A server that others run. @throws Error when it cannot be used */
export async function givenServer(url: string): Promise<Server> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new Error(
      'ATLAS_POSTGRES_URL is no URL of a server; write postgres://USER:PASSWORD@HOST:PORT/postgres',
    )
  try {
    const connections = await withClient(url, async (client) => {
      const { rows } = await client.query('show max_connections')
      return Number(rows[0]?.max_connections)
    })
    return { url, connections, release: () => {} }
  } catch (error) {
    throw serverErrorOf(error, url) ?? error
  }
}
