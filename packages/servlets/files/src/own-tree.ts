import type { Account } from '@acme/identity/contract'
import { type Blobs, middleware } from '@atlas/sdk'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { contentOf } from './content.ts'
import { treeOf } from './tree.ts'

/** What this middleware wants: somebody signed in, where the endpoint asks for it, and the stores. */
interface Needs {
  readonly user: Account | undefined
  readonly state: NodePgDatabase
  readonly stores: { readonly content: Blobs }
}

/**
 * Gives handlers the tree of whoever calls as `ctx.tree`, and its bytes as `ctx.content`, so that none of them reaches
 * into another's by mistake. Servlets that call for somebody say for whom.
 */
export const ownTree = middleware((next) => async (input, ctx: Needs) => {
  const { accountId = ctx.user!.id } = input as { accountId?: string }
  const tree = treeOf(ctx.state, accountId)
  return next(input, { tree, content: contentOf(ctx.state, ctx.stores.content, accountId) })
})
