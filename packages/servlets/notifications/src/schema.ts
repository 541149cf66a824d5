import { bigint, boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Notification } from './contract.ts'

// The tables as migrations/inbox makes them: what queries need to know of them.

export const positions = pgTable('positions', {
  accountId: uuid('account_id').primaryKey(),
  revision: bigint({ mode: 'number' }).notNull(),
})

export const notifications = pgTable('notifications', {
  accountId: uuid('account_id').notNull(),
  id: bigint({ mode: 'number' }).notNull(),
  at: timestamp({ withTimezone: true }).notNull(),
  kind: text().$type<Notification['kind']>().notNull(),
  text: text().notNull(),
  isRead: boolean('is_read').notNull().default(false),
})
