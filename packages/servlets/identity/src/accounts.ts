import { createHash, randomUUID } from 'node:crypto'
import { documents } from '@acme/json-documents'
import type { Blobs } from '@atlas/sdk'
import * as z from 'zod'
import { Account } from './contract.ts'
import { hashPassword, PasswordHash } from './password.ts'

const Stored = Account.extend({ password: PasswordHash })
const Claim = z.object({ id: z.uuid() })

/** What somebody gives to register. The email is normalised, as the contract does it. */
export interface Registration {
  readonly email: string
  readonly name: string
  readonly password: string
}

/** The accounts. What it returns never has the password's hash, except where the name says so. */
export type Accounts = ReturnType<typeof openAccounts>

export function openAccounts(blobs: Blobs) {
  const records = documents(blobs, Stored, 'by-id')
  const claims = documents(blobs, Claim, 'by-email')
  return {
    /** The new account, or undefined where the email is taken. */
    async create({ email, name, password }: Registration): Promise<Account | undefined> {
      const account = { id: randomUUID(), email, name }
      // The record comes first: nobody finds it before its email is claimed, and a claim never leads nowhere.
      await records.create(account.id, { ...account, password: await hashPassword(password) })
      if (await claims.create(emailKey(email), { id: account.id })) return account
      await records.delete(account.id)
      return undefined
    },
    async byId(id: string): Promise<Account | undefined> {
      const record = await records.get(id)
      return record && withoutPassword(record)
    },
    async byEmailWithPassword(email: string): Promise<z.infer<typeof Stored> | undefined> {
      const claim = await claims.get(emailKey(email))
      return claim && records.get(claim.id)
    },
    async rename(id: string, name: string): Promise<Account | undefined> {
      const record = await records.update(id, (account) => ({ ...account, name }))
      return record && withoutPassword(record)
    },
  }
}

/** A hash, because an email may have what a key may not, and keys show up in listings and logs. */
export function emailKey(email: string): string {
  return createHash('sha256').update(email).digest('hex')
}

function withoutPassword({ password: _, ...account }: z.infer<typeof Stored>): Account {
  return account
}
