import { type Attempts, isPassword, nobodysHash } from '@acme/passwords'
import type { ErrorMakers } from '@atlas/sdk'
import type { Accounts } from './accounts.ts'
import type { identity } from './contract.ts'
import type { Sessions } from './sessions.ts'

/** Makes the way in: credentials become a session. */
export function openSignIn(accounts: Accounts, sessions: Sessions, attempts: Attempts) {
  return async (
    { email, password }: { email: string; password: string },
    errors: ErrorMakers<typeof identity.endpoints.signIn>,
  ): Promise<{ token: string; expires: string }> => {
    const retryAfterSeconds = attempts.begin(email)
    if (retryAfterSeconds > 0) throw errors.tooManyAttempts({ retryAfterSeconds })
    const account = await accounts.byEmailWithPassword(email)
    // Compared even when nobody has the email, so that the time of the answer does not tell.
    const right = await isPassword(password, account?.password ?? nobodysHash)
    if (!account || !right) throw errors.wrongCredentials()
    attempts.forget(email)
    return sessions.begin(account.id)
  }
}
