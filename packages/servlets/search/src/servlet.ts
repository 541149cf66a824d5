import { files } from '@acme/files/contract'
import { Account } from '@acme/identity/contract'
import { catchUp } from '@acme/journals'
import { sharing } from '@acme/sharing/contract'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import { search } from './contract.ts'
import { openIndex } from './search-index.ts'

export default servlet(
  search,
  {
    manifest,
    calls: { files, sharing },
    user: Account,
    setup: ({ stores }) => ({ value: openIndex(drizzle({ client: stores.index })) }),
  },
  {
    find: async ({ q, cursor, limit }, { calls, state, user }) => {
      const grants = await calls.sharing.grantsOf({ readerId: user.id })
      const owners = new Set([user.id, ...grants.items.map(({ ownerId }) => ownerId)])
      // Brought up to date now, so that whoever searches finds what was uploaded a moment ago.
      for (const accountId of owners)
        await catchUp({
          position: () => state.position(accountId),
          read: (since) => calls.files.changesOf({ accountId, since }),
          add: (entries, since) => state.add(accountId, entries, since),
        })
      const granted = grants.items.map(({ fileId }) => fileId)
      return state.find({ text: q, accountId: user.id, granted, cursor, limit })
    },
  },
)
