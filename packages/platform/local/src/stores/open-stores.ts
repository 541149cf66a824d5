import type { Logger } from '@atlas/sdk'
import type { OpenedStore } from '@atlas/stores'
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

/** Opens the stores of a servlet in this process, as a provider planned them. */
export async function openStores(plans: StorePlans, options: OpenStoresOptions): Promise<OpenedStores> {
  const opened = await Promise.all(
    Object.entries(plans).map(async ([name, plan]) => [name, await openStore(name, plan, options)] as const),
  )
  return {
    stores: Object.fromEntries(opened.map(([name, { store }]) => [name, store])),
    close: async () => {
      await Promise.all(opened.map(([, { close }]) => close()))
    },
  }
}

async function openStore(
  store: string,
  plan: StorePlan,
  { servlet, log }: OpenStoresOptions,
): Promise<OpenedStore> {
  // What is needed for a kind is loaded by those who have it only: processes without a database save 5 MiB.
  switch (plan.kind) {
    case 'blobs':
      return { store: await folderBlobs(plan.folder), close: async () => {} }
    case 's3':
      return (await import('@atlas/stores/s3')).s3Store(plan, store)
    case 'postgres':
      return (await import('@atlas/stores/postgres')).postgresStore({ ...plan, servlet, store, log })
  }
}
