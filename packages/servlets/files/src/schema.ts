import { bigint, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Change } from './contract.ts'

// The tables as migrations/tree makes them: what queries need to know of them.

const integer = (name: string) => bigint(name, { mode: 'number' }).notNull()
const accountId = uuid('account_id').notNull()

export const trees = pgTable('trees', {
  accountId: uuid('account_id').primaryKey(),
  revision: integer('revision'),
  usedBytes: integer('used_bytes'),
})

export const files = pgTable('files', {
  id: uuid().primaryKey(),
  accountId,
  path: text().notNull(),
  sizeBytes: integer('size_bytes'),
  contentType: text('content_type').notNull(),
  etag: uuid().notNull(),
  modified: timestamp({ withTimezone: true }).notNull(),
})
export type FileRow = typeof files.$inferSelect

export const changes = pgTable('changes', {
  accountId,
  revision: integer('revision'),
  at: timestamp({ withTimezone: true }).notNull(),
  what: jsonb().$type<Change>().notNull(),
})

export const looseBytes = pgTable('loose_bytes', {
  accountId,
  etag: uuid().notNull(),
  since: timestamp({ withTimezone: true }).notNull().defaultNow(),
})
