import { randomUUID } from 'node:crypto'
import { hashPassword, type PasswordHash } from '@acme/passwords'
import { eq } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Account } from './contract.ts'
import { accounts } from './schema.ts'

/** What somebody gives to register. The email is normalised, as the contract does it. */
export interface Registration {
  readonly email: string
  readonly name: string
  readonly password: string
}

/** The accounts. What it returns never has the password's hash, except where the name says so. */
export type Accounts = ReturnType<typeof openAccounts>

/** The columns that others may see. */
const account = { id: accounts.id, email: accounts.email, name: accounts.name }

export function openAccounts(db: NodePgDatabase) {
  return {
    /** The new account, or undefined where the email is taken. */
    async create({ email, name, password }: Registration): Promise<Account | undefined> {
      const row = { id: randomUUID(), email, name, password: await hashPassword(password) }
      const [created] = await db.insert(accounts).values(row).onConflictDoNothing().returning(account)
      return created
    },
    async byId(id: string): Promise<Account | undefined> {
      const [found] = await db.select(account).from(accounts).where(eq(accounts.id, id))
      return found
    },
    async byEmail(email: string): Promise<Account | undefined> {
      const [found] = await db.select(account).from(accounts).where(eq(accounts.email, email))
      return found
    },
    async byEmailWithPassword(email: string): Promise<(Account & { password: PasswordHash }) | undefined> {
      const [found] = await db.select().from(accounts).where(eq(accounts.email, email))
      return found
    },
    async rename(id: string, name: string): Promise<Account | undefined> {
      const [renamed] = await db.update(accounts).set({ name }).where(eq(accounts.id, id)).returning(account)
      return renamed
    },
    /** Whether there was one. Its sessions end with it. */
    async close(id: string): Promise<boolean> {
      const { rowCount } = await db.delete(accounts).where(eq(accounts.id, id))
      return rowCount === 1
    },
  }
}
