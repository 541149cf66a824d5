import { setTimeout as pause } from 'node:timers/promises'
import { activity } from '@acme/activity/contract'
import { Account } from '@acme/identity/contract'
import { catchUp } from '@acme/journals'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import { notifications } from './contract.ts'
import { openInbox } from './inbox.ts'

export default servlet(
  notifications,
  {
    manifest,
    calls: { activity },
    user: Account,
    setup: ({ stores, calls }) => {
      const inbox = openInbox(drizzle({ client: stores.inbox }))
      /** The inbox, with everything that there is to tell somebody now. */
      const upToDate = async (accountId: string) => {
        await catchUp({
          position: () => inbox.position(accountId),
          read: (since) => calls.activity.happeningsOf({ accountId, since }),
          add: (entries, since) => inbox.add(accountId, entries, since),
        })
        return inbox
      }
      return { value: upToDate }
    },
  },
  {
    list: async ({ cursor, limit }, { state: upToDate, user }) =>
      (await upToDate(user.id)).page(user.id, cursor, limit),

    unread: async (_input, { state: upToDate, user }) => ({
      unread: await (await upToDate(user.id)).countUnread(user.id),
    }),

    read: async ({ upTo }, { state: upToDate, user }) => {
      const inbox = await upToDate(user.id)
      await inbox.markRead(user.id, upTo)
      return { unread: await inbox.countUnread(user.id) }
    },

    watch: async function* (_input, { state: upToDate, config, user, signal }) {
      for (let seen = 0; ; await pause(config.watchMs, undefined, { signal })) {
        const inbox = await upToDate(user.id)
        for (const notification of await inbox.unreadAfter(user.id, seen)) {
          seen = notification.id
          yield notification
        }
      }
    },
  },
)
