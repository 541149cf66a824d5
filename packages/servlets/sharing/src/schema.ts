import type { PasswordHash } from '@acme/passwords'
import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { SharingEvent } from './contract.ts'

// The tables as migrations/links makes them: what queries need to know of them.

const created = timestamp({ withTimezone: true }).notNull()
const revision = bigint({ mode: 'number' }).notNull()

export const links = pgTable('links', {
  id: text().primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  fileId: uuid('file_id').notNull(),
  path: text().notNull(),
  password: jsonb().$type<PasswordHash>(),
  expires: timestamp({ withTimezone: true }),
  opened: integer().notNull().default(0),
  created,
})
export type LinkRow = typeof links.$inferSelect

export const tickets = pgTable('tickets', {
  hash: text().primaryKey(),
  linkId: text('link_id').notNull(),
  expires: timestamp({ withTimezone: true }).notNull(),
})

export const grants = pgTable('grants', {
  id: uuid().primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  fileId: uuid('file_id').notNull(),
  readerId: uuid('reader_id').notNull(),
  created,
})
export type GrantRow = typeof grants.$inferSelect

export const journals = pgTable('journals', { accountId: uuid('account_id').primaryKey(), revision })

export const events = pgTable('events', {
  accountId: uuid('account_id').notNull(),
  revision,
  at: timestamp({ withTimezone: true }).notNull(),
  what: jsonb().$type<SharingEvent>().notNull(),
})
