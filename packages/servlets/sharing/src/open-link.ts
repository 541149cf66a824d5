import { type Attempts, isPassword } from '@acme/passwords'
import type { ErrorMakers } from '@atlas/sdk'
import type { sharing } from './contract.ts'
import type { Links } from './links.ts'
import type { LinkRow } from './schema.ts'

/** Makes the door of links: whoever passes may read the file. */
export function openDoor(links: Links, attempts: Attempts) {
  return async (
    { id, password }: { id: string; password?: string | undefined },
    errors: ErrorMakers<typeof sharing.endpoints.openLink>,
  ): Promise<LinkRow> => {
    const link = await links.find(id)
    if (!link) throw errors.noSuchLink()
    if (link.expires && link.expires.getTime() <= Date.now())
      throw errors.expired({ expired: link.expires.toISOString() })
    if (!link.password) return link
    if (password === undefined) throw errors.needsPassword()
    const retryAfterSeconds = attempts.begin(id)
    if (retryAfterSeconds > 0) throw errors.tooManyAttempts({ retryAfterSeconds })
    if (!(await isPassword(password, link.password))) throw errors.wrongPassword()
    attempts.forget(id)
    return link
  }
}
