import { undeclaredCall } from '@atlas/client'
import { decodeJwt } from 'jose/jwt/decode'

/** Gets a token of the supervisor; undefined when the caller did not declare the call. */
export type AskToken = (caller: string, callee: string) => Promise<string | undefined>

interface Held {
  readonly token: string
  /** When another one is asked for, well before this one expires. */
  readonly until: number
}

/** Share of a token's life after which it is replaced: clusters do the same. */
const usedShare = 0.8

/**
 * The tokens that a process holds for its calls. Each is asked for when it is first needed.
 *
 */
export function tokensHeld(ask: AskToken): (caller: string, callee: string) => Promise<string> {
  const held = new Map<string, Promise<Held>>()
  async function get(caller: string, callee: string): Promise<Held> {
    const token = await ask(caller, callee)
    if (token === undefined) throw undeclaredCall(caller, callee)
    const now = Date.now()
    return { token, until: now + usedShare * (decodeJwt(token).exp! * 1000 - now) }
  }
  return async (caller, callee) => {
    const key = `${caller} ${callee}`
    const found = held.get(key)
    // A refusal is not kept: package.json may be corrected at any time.
    const good = await found?.catch(() => undefined)
    if (good && good.until > Date.now()) return good.token
    // Somebody else may have noticed first.
    if (held.get(key) === found) held.set(key, get(caller, callee))
    return (await held.get(key)!).token
  }
}
