import { contract, endpoint, error, named } from '@atlas/contract'
import * as z from 'zod'

/** Who somebody is. What servlets know of a signed-in user: `user: Account`. */
export const Account = z
  .object({ id: z.uuid(), email: z.email(), name: z.string() })
  .meta({ id: 'Account', description: 'Who somebody is' })
export type Account = z.infer<typeof Account>

const email = z.email().max(254).toLowerCase()
const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !/\p{Cc}/u.test(text), named('printable', 1, 'must have no control characters'))

/** Long enough for every sentence; a limit, because hashing takes longer the longer it is. */
const password = z.string().max(200)

const Credentials = z.object({ email, password })
const Token = z.object({ token: z.string().min(1).max(100) })

/** One kind for a wrong password and an unknown email: nobody learns here who has an account. */
const signInErrors = {
  wrongCredentials: error('unauthenticated'),
  tooManyAttempts: error('resource_exhausted', { retryAfterSeconds: z.int() }),
}

const noSuchAccount = error('not_found')

export const identity = contract('identity', {
  register: endpoint({
    route: 'POST /accounts',
    access: 'public',
    input: z.object({ email, name, password: password.min(12) }),
    output: Account,
    errors: { emailTaken: error('already_exists') },
  }),
  signIn: endpoint({
    route: 'POST /sessions',
    access: 'public',
    input: Credentials,
    output: Token.extend({ expires: z.iso.datetime() }),
    errors: signInErrors,
    description: "The token goes into 'Authorization: Bearer <token>' until it expires.",
  }),
  login: endpoint({
    route: 'POST /login',
    access: 'public',
    input: Credentials,
    output: Token,
    errors: signInErrors,
    deprecated: { since: '2026-11-01', sunset: '2027-05-01', use: 'POST /sessions' },
  }),
  signOut: endpoint({
    route: 'POST /sessions/end',
    access: 'public',
    input: Token,
    idempotent: true,
  }),
  me: endpoint({
    route: 'GET /me',
    access: 'user',
    output: Account,
    errors: { noSuchAccount },
  }),
  rename: endpoint({
    route: 'PATCH /me',
    access: 'user',
    input: z.object({ name }),
    output: Account,
    errors: { noSuchAccount },
  }),
  close: endpoint({
    route: 'DELETE /me',
    access: 'user',
    description:
      'Ends the account and its sessions. What other servlets keep of it can no longer be reached.',
  }),
  verify: endpoint({
    route: 'POST /sessions/verify',
    input: Token,
    output: Account,
    errors: { expired: error('unauthenticated') },
    idempotent: true,
    description: 'Whose token it is: the authenticator of every environment.',
  }),
  account: endpoint({
    route: 'GET /accounts/{id}',
    input: z.object({ id: z.uuid() }),
    output: Account,
    errors: { noSuchAccount },
  }),
  accountByEmail: endpoint({
    route: 'GET /accounts',
    input: z.object({ email }),
    output: Account,
    errors: { noSuchAccount },
  }),
})
