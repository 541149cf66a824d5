import { setTimeout as sleep } from 'node:timers/promises'
import { type Logger, queryCall } from '@atlas/sdk'
import { folderBlobs } from './folder-blobs.ts'
import type { StorePlan, StorePlans } from './store-plan.ts'

/** What opened stores are called and where they tell what happens. */
export interface OpenStoresOptions {
  /** The servlet whose stores they are. */
  readonly servlet: string
  readonly log: Logger
}

/** Stores that are open. */
export interface OpenedStores {
  readonly stores: Readonly<Record<string, unknown>>
  /** Ends their connections; after the servlet was closed. */
  close(): Promise<void>
}

const endGraceMs = 5_000

/** Opens the stores of a servlet in this process, as a provider planned them. */
export async function openStores(plans: StorePlans, options: OpenStoresOptions): Promise<OpenedStores> {
  const opened = await Promise.all(
    Object.entries(plans).map(async ([name, plan]) => [name, await openStore(name, plan, options)] as const),
  )
  return {
    stores: Object.fromEntries(opened.map(([name, { store }]) => [name, store])),
    close: async () => {
      await Promise.all(opened.map(([, { close }]) => close?.()))
    },
  }
}

interface Opened {
  readonly store: unknown
  close?(): Promise<void>
}

async function openStore(
  store: string,
  plan: StorePlan,
  { servlet, log }: OpenStoresOptions,
): Promise<Opened> {
  if (plan.kind === 'blobs') return { store: await folderBlobs(plan.folder) }
  if (plan.kind === 's3') {
    const { s3Blobs, s3Client } = await import('./s3/index.ts')
    const client = s3Client(plan)
    return { store: s3Blobs(client, plan, store), close: async () => client.destroy() }
  }
  const { url, maxConnections } = plan
  // Loaded by those who have a database only: processes without one save 5 MiB.
  const { openPostgres } = await import('@atlas/postgres')
  const pool = openPostgres({
    url,
    store,
    maxConnections,
    applicationName: servlet,
    call: queryCall,
    onSlowQuery: ({ sql, durationMs, endpoint, traceId }) =>
      log.warn('slow query', { store, durationMs: Math.round(durationMs), endpoint, traceId, sql }),
    onLost: (error) => log.warn('a connection was lost', { store, reason: error.message }),
  })
  // A connection that was never given back must not keep the end from coming.
  return {
    store: pool,
    close: () => Promise.race([pool.end(), sleep(endGraceMs, undefined, { ref: false })]),
  }
}
