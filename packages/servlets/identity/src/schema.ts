import type { PasswordHash } from '@acme/passwords'
import { jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

// The tables as migrations/accounts makes them: what queries need to know of them.

export const accounts = pgTable('accounts', {
  id: uuid().primaryKey(),
  email: text().notNull(),
  name: text().notNull(),
  password: jsonb().$type<PasswordHash>().notNull(),
})

export const sessions = pgTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  accountId: uuid('account_id').notNull(),
  expires: timestamp({ withTimezone: true }).notNull(),
})
