import type { Account } from '@acme/identity/contract'
import { type Blobs, middleware } from '@atlas/sdk'
import { treeOf } from './tree.ts'

/** What this middleware wants: somebody signed in, which every endpoint here asks for, and the store. */
interface Needs {
  readonly user: Account
  readonly stores: { readonly content: Blobs }
}

/** Gives handlers the tree of whoever calls as `ctx.tree`, so that none of them reaches into another's by mistake. */
export const ownTree = middleware(
  (next) => async (input, ctx: Needs) => next(input, { tree: treeOf(ctx.stores.content, ctx.user.id) }),
)
