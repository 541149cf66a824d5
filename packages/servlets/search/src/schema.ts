import { bigint, customType, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

// The tables as migrations/index makes them: what queries need to know of them.

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

export const positions = pgTable('positions', {
  accountId: uuid('account_id').primaryKey(),
  revision: bigint({ mode: 'number' }).notNull(),
})

export const documents = pgTable('documents', {
  fileId: uuid('file_id').primaryKey(),
  accountId: uuid('account_id').notNull(),
  path: text().notNull(),
  sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
  contentType: text('content_type').notNull(),
  modified: timestamp({ withTimezone: true }).notNull(),
  // Made by the database out of the path.
  words: tsvector().generatedAlwaysAs(''),
  wordsOfName: tsvector('words_of_name').generatedAlwaysAs(''),
})
