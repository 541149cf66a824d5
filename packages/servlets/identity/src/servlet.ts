import { limitAttempts } from '@acme/passwords'
import { servlet } from '@atlas/sdk'
import { drizzle } from 'drizzle-orm/node-postgres'
import manifest from '../servlet.json' with { type: 'json' }
import { openAccounts } from './accounts.ts'
import { Account, identity } from './contract.ts'
import { openSessions } from './sessions.ts'
import { openSignIn } from './sign-in.ts'

export default servlet(
  identity,
  {
    manifest,
    user: Account,
    setup: ({ stores, config }) => {
      const db = drizzle({ client: stores.accounts })
      const accounts = openAccounts(db)
      const sessions = openSessions(db, config.sessionHours)
      const signIn = openSignIn(accounts, sessions, limitAttempts())
      return { value: { accounts, sessions, signIn } }
    },
  },
  {
    register: async (input, { state, errors }) => {
      const account = await state.accounts.create(input)
      if (!account) throw errors.emailTaken()
      return account
    },

    signIn: async (credentials, { state, errors }) => state.signIn(credentials, errors),

    login: async (credentials, { state, errors }) => state.signIn(credentials, errors),

    signOut: async ({ token }, { state }) => state.sessions.end(token),

    // Read anew: the gateway remembers for a while whose token it is, so `user` may be older than the last rename.
    me: async (_input, { state, user, errors }) => {
      const account = await state.accounts.byId(user.id)
      if (!account) throw errors.noSuchAccount()
      return account
    },

    rename: async ({ name }, { state, user, errors }) => {
      const account = await state.accounts.rename(user.id, name)
      if (!account) throw errors.noSuchAccount()
      return account
    },

    close: async (_input, { state, user }) => {
      await state.accounts.close(user.id)
    },

    verify: async ({ token }, { state, errors }) => {
      const account = await state.sessions.accountOf(token)
      if (!account) throw errors.expired()
      return account
    },

    account: async ({ id }, { state, errors }) => {
      const account = await state.accounts.byId(id)
      if (!account) throw errors.noSuchAccount()
      return account
    },

    accountByEmail: async ({ email }, { state, errors }) => {
      const account = await state.accounts.byEmail(email)
      if (!account) throw errors.noSuchAccount()
      return account
    },
  },
)
