import type { Logger } from '../logger.ts'
import type { Servlet } from '../servlet.ts'
import { memoryBlobs } from './memory-blobs.ts'

/** Where the stores of a test come from. */
export interface TestStoresOptions {
  /** The servlet's folder, where its migrations are. @default found by the servlet's name */
  readonly folder?: string | undefined
  /** Stores that the test brings itself. */
  readonly given?: Readonly<Record<string, unknown>> | undefined
  readonly log: Logger
}

/**
 * A store for each that a servlet declares: blobs in memory, databases of its own on the server that tests share. What
 * Postgres needs is loaded for servlets that have one only.
 *
 * @param closers gets what removes the databases
 */
export async function storesOf(
  { contract, definition }: Servlet,
  { folder, given = {}, log }: TestStoresOptions,
  closers: (() => Promise<void>)[],
): Promise<Record<string, unknown>> {
  const opened = await Promise.all(
    Object.entries(definition.manifest?.stores ?? {}).map(async ([store, kind]: [string, object]) => {
      if (given[store] !== undefined) return [store, given[store]] as const
      if (!('postgres' in kind)) return [store, memoryBlobs()] as const
      const { openTestPostgres } = await import('./test-postgres.ts')
      const { postgres, close } = await openTestPostgres({ servlet: contract.name, store, folder, log })
      // First, so that it is closed last: after the servlet, which is there already.
      closers.unshift(close)
      return [store, postgres] as const
    }),
  )
  return { ...given, ...Object.fromEntries(opened) }
}
