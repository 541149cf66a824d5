import { files } from '@acme/files/contract'
import { Account } from '@acme/identity/contract'
import { catchUp } from '@acme/journals'
import { sharing } from '@acme/sharing/contract'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import { activity } from './contract.ts'
import { openFeeds } from './feeds.ts'
import { ofChange, ofSharing } from './happening.ts'

export default servlet(
  activity,
  {
    manifest,
    calls: { files, sharing },
    user: Account,
    setup: ({ stores, calls }) => {
      const feeds = openFeeds(drizzle({ client: stores.feed }))
      /** The feeds, with everything that has happened to somebody until now. */
      const upToDate = async (accountId: string) => {
        await catchUp({
          position: () => feeds.position(accountId, 'files'),
          read: (since) => calls.files.changesOf({ accountId, since }),
          add: (changes, since) => {
            const news = changes.map((change) => ({ ...change, what: ofChange(change.what) }))
            return feeds.add(accountId, 'files', news, since)
          },
        })
        await catchUp({
          position: () => feeds.position(accountId, 'sharing'),
          read: (since) => calls.sharing.eventsOf({ accountId, since }),
          add: (events, since) => {
            const news = events.map((event) => ({ ...event, what: ofSharing(event.what) }))
            return feeds.add(accountId, 'sharing', news, since)
          },
        })
        return feeds
      }
      return { value: upToDate }
    },
  },
  {
    feed: async ({ cursor, limit }, { state: upToDate, user }) =>
      (await upToDate(user.id)).page(user.id, cursor, limit),

    happeningsOf: async ({ accountId, since, limit }, { state: upToDate }) => {
      const feeds = await upToDate(accountId)
      const entries = await feeds.since(accountId, since, limit + 1)
      return { entries: entries.slice(0, limit), more: entries.length > limit }
    },
  },
)
