import { join } from 'node:path'
import { parseMigrations, readMigrations } from '@atlas/manifest/migrations'
import {
  databaseName,
  dropDatabase,
  type PreparedDatabase,
  prepareDatabase,
  serverErrorOf,
  withClient,
} from '@atlas/postgres'
import { acquireServer, serverConnections } from '@atlas/postgres/server'
import { sentenceOf } from '../finding-sentence.ts'
import { spaceOf } from '../state-folder.ts'

/** Whose databases, and where. */
export interface DatabaseHostOptions {
  /** The root of the workspace. */
  readonly root: string
  readonly environment: string
  readonly namespace?: string | undefined
  /** `ATLAS_POSTGRES_URL` names a server to use in place of one from npm, `ATLAS_BLOBS_URL` a bucket in place of folders. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** A Postgres store of a servlet. */
export interface StoreName {
  readonly servlet: string
  /** The servlet's folder in the workspace. */
  readonly dir: string
  readonly store: string
}

/** A store's database, ready. */
export interface ReadyDatabase extends PreparedDatabase {
  readonly database: string
  /** How many connections its server takes. */
  readonly serverConnections: number
}

/** The databases of a workspace in one environment and namespace. */
export interface DatabaseHost {
  /**
   * Makes a store's database where there is none and applies new migrations. The first use starts the server.
   *
   * @throws Error whose message is one sentence: what is in the way, and what to do
   */
  prepare(name: StoreName): Promise<ReadyDatabase>
  /** Removes a store's database with all that is in it. Says whether there was one. */
  drop(name: StoreName): Promise<boolean>
  /** Lets go of the server, which ends when nobody else uses it. */
  close(): Promise<void>
}

/** What is known of the server once somebody needs one. */
interface Server {
  readonly url: string
  readonly connections: number
  release(): void
}

/** Opens the databases of a workspace. Nothing is started before the first is asked for. */
export function databaseHost(options: DatabaseHostOptions): DatabaseHost {
  const { root, environment, namespace, variables } = options
  const space = spaceOf(environment, namespace)
  let server: Promise<Server> | undefined
  const serverOnce = () => {
    if (server) return server
    const starting = serverOf(root, variables.ATLAS_POSTGRES_URL)
    server = starting
    // Whoever asks next may have more luck.
    starting.catch(() => {
      server = undefined
    })
    return starting
  }
  return {
    async prepare({ servlet, dir, store }) {
      const { migrations, findings } = parseMigrations((await readMigrations(root, dir))[store] ?? [])
      const [wrong] = findings
      if (wrong) throw new Error(sentenceOf(wrong))
      const { url, connections } = await serverOnce()
      const database = databaseName(space, servlet, store)
      const prepared = await prepareDatabase(url, database, migrations)
      return { ...prepared, database, serverConnections: connections }
    },
    async drop({ servlet, store }) {
      const { url } = await serverOnce()
      return dropDatabase(url, databaseName(space, servlet, store)).catch((error: unknown) => {
        throw serverErrorOf(error, url) ?? error
      })
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
  const held = await acquireServer(join(root, '.atlas/postgres'), 'keep')
  return { url: held.url, connections: serverConnections, release: () => held.release() }
}

/** A server that others run. @throws Error when it cannot be used */
async function givenServer(url: string): Promise<Server> {
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
