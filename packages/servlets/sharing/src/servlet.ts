import { files } from '@acme/files/contract'
import { Account, identity } from '@acme/identity/contract'
import { limitAttempts } from '@acme/passwords'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import { sharing } from './contract.ts'
import { eventsSince } from './events.ts'
import { nameOf, openGrants } from './grants.ts'
import { openLinks } from './links.ts'
import { openDoor } from './open-link.ts'
import { openTickets } from './tickets.ts'

const dayMs = 86_400_000

export default servlet(
  sharing,
  {
    manifest,
    calls: { files, identity },
    user: Account,
    setup: ({ stores, config }) => {
      const db = drizzle({ client: stores.links })
      const links = openLinks(db)
      const door = openDoor(links, limitAttempts())
      const tickets = openTickets(db, config.ticketMinutes)
      return { value: { db, links, door, tickets, grants: openGrants(db) } }
    },
  },
  {
    createLink: async ({ path, password, expires }, { calls, state, config, user, errors }) => {
      // Asked as whoever calls: files sees to it that it is a file of theirs.
      const file = await calls.files.stat.result({ path })
      if (!file.ok) throw errors.noSuchFile()
      const end = expires === undefined ? undefined : new Date(expires)
      const [earliest, latest] = [new Date(), new Date(Date.now() + config.maxLinkDays * dayMs)]
      if (end && (end <= earliest || end > latest))
        throw errors.expiryOutOfRange({ earliest: earliest.toISOString(), latest: latest.toISOString() })
      const { id, path: stored } = file.value
      return state.links.create({ ownerId: user.id, fileId: id, path: stored, password, expires: end })
    },

    links: async ({ cursor, limit }, { state, user }) => state.links.page(user.id, cursor, limit),

    removeLink: async ({ id }, { state, user, errors }) => {
      if (!(await state.links.remove(user.id, id))) throw errors.noSuchLink()
    },

    openLink: async (input, { calls, state, errors }) => {
      const link = await state.door(input, errors)
      const [file, owner] = await Promise.all([
        calls.files.fileOf.result({ accountId: link.ownerId, fileId: link.fileId }),
        calls.identity.account.result({ id: link.ownerId }),
      ])
      if (!file.ok || !owner.ok) throw errors.noSuchLink()
      const { path, sizeBytes, contentType } = file.value
      const ticket = await state.tickets.issue(link)
      await state.links.countOpening(link)
      return { file: { name: nameOf(path), sizeBytes, contentType }, owner: owner.value.name, ...ticket }
    },

    downloadLink: async ({ id, ticket }, { calls, state, errors }) => {
      const link = await state.tickets.linkOf(id, ticket)
      if (!link) throw errors.noTicket()
      const content = await calls.files.contentOf.result({ accountId: link.ownerId, fileId: link.fileId })
      if (!content.ok) throw errors.noSuchFile()
      return content.value
    },

    grant: async ({ path, email }, { calls, state, user, errors }) => {
      const file = await calls.files.stat.result({ path })
      if (!file.ok) throw errors.noSuchFile()
      const found = await calls.identity.accountByEmail.result({ email })
      if (!found.ok) throw errors.noSuchPerson()
      if (found.value.id === user.id) throw errors.yourself()
      const reader = { id: found.value.id, name: found.value.name }
      const { id } = await state.grants.give(file.value, { id: user.id, name: user.name }, reader)
      return { id, fileId: file.value.id, reader }
    },

    revoke: async ({ id }, { state, user, errors }) => {
      if (!(await state.grants.takeBack(user.id, id))) throw errors.noSuchGrant()
    },

    received: async ({ cursor, limit }, { calls, state, user }) => {
      const { items, next } = await state.grants.pageOfReader(user.id, cursor, limit)
      const shown = await Promise.all(
        items.map(async ({ id, ownerId, fileId }) => {
          const [file, owner] = await Promise.all([
            calls.files.fileOf.result({ accountId: ownerId, fileId }),
            calls.identity.account.result({ id: ownerId }),
          ])
          if (!file.ok || !owner.ok) return [] // gone, and the grant with it
          const path = nameOf(file.value.path)
          return [{ id, file: { ...file.value, path }, owner: { id: ownerId, name: owner.value.name } }]
        }),
      )
      return { items: shown.flat(), next }
    },

    download: async ({ id }, { calls, state, user, errors }) => {
      const grant = await state.grants.toReader(user.id, id)
      if (!grant) throw errors.noSuchGrant()
      const content = await calls.files.contentOf.result({ accountId: grant.ownerId, fileId: grant.fileId })
      if (!content.ok) throw errors.noSuchGrant()
      return content.value
    },

    linked: async ({ id, ticket }, { calls, state, errors }) => {
      const link = await state.tickets.linkOf(id, ticket)
      if (!link) throw errors.noTicket()
      const file = await calls.files.fileOf.result({ accountId: link.ownerId, fileId: link.fileId })
      if (!file.ok) throw errors.noSuchFile()
      return { ownerId: link.ownerId, file: file.value }
    },

    grantsOf: async ({ readerId, cursor, limit }, { state }) => {
      const { items, next } = await state.grants.pageOfReader(readerId, cursor, limit)
      return { items: items.map(({ fileId, ownerId }) => ({ fileId, ownerId })), next }
    },

    eventsOf: async ({ accountId, since, limit }, { state }) => {
      const entries = await eventsSince(state.db, accountId, since, limit + 1)
      return { entries: entries.slice(0, limit), more: entries.length > limit }
    },
  },
)
