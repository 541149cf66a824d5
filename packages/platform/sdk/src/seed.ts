import type { Client } from '@atlas/client'
import type { Contract } from '@atlas/contract'

/** What a seed has: the running platform, as anybody outside sees it. */
export interface SeedEnv {
  /** A client of a contract at the gateway. With a token, of whoever the token belongs to. */
  clientOf<C extends Contract>(contract: C, options?: { readonly token?: string }): Client<C>
  /** Tells whoever runs the seed what was done. */
  log(message: string): void
}

/**
 * Fills a servlet with data to look at: the default export of `src/seed.ts`. `atlas seed` runs the seeds of all servlets,
 * those that are called before those that call them. A seed uses the product as its users do, so it works wherever the
 * product runs. Run again, it must change nothing.
 */
export type Seed = (env: SeedEnv) => Promise<void>
