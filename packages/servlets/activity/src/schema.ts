import { bigint, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Happening } from './contract.ts'

// The tables as migrations/feed makes them: what queries need to know of them.

const accountId = uuid('account_id').notNull()
const revision = bigint({ mode: 'number' }).notNull()

export const positions = pgTable('positions', { accountId, source: text().notNull(), revision })

export const feeds = pgTable('feeds', { accountId: uuid('account_id').primaryKey(), revision })

export const items = pgTable('items', {
  accountId,
  revision,
  at: timestamp({ withTimezone: true }).notNull(),
  what: jsonb().$type<Happening>().notNull(),
})
