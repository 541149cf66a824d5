import { AtlasError } from '@atlas/contract'
import { type CallerOf, hopHeaders } from '@atlas/runtime'
import { errors, generateKeyPair, jwtVerify, SignJWT } from 'jose'

/** Options of {@link createCallTokens}. */
export interface CallTokensOptions {
  /** How long a token is good for. @default 10 minutes, as those that a cluster gives to pods are at least */
  readonly lifetimeMs?: number
}

/** The tokens by which servlets prove to the internal gateway who they are. */
export interface CallTokens {
  /** A token for calls of one servlet to one other. */
  issue(caller: string, callee: string): Promise<string>
  /** Which servlet a token was issued to. */
  readonly callerOf: CallerOf
}

/** One day a cluster's tokens might come to be tried here, or the other way round; each names who made it. */
const issuer = 'atlas-local'
const algorithm = 'EdDSA'

/** More are known only where more than a hundred servlets call a hundred others. */
const knownLimit = 10_000

interface Known {
  readonly caller: string
  readonly callee: string
  readonly expiresAt: number
}

/**
 * Signs tokens as a cluster does for its pods: the audience is the servlet that may be called. The key lives in this process and as long
 * as it, so that no other run accepts a token, and no servlet can make one.
 */
export async function createCallTokens({
  lifetimeMs = 600_000,
}: CallTokensOptions = {}): Promise<CallTokens> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  /** Tokens that were good: to verify a signature takes longer than to forward the call. */
  const known = new Map<string, Known>()

  async function verified(token: string, callee: string): Promise<Known> {
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        issuer,
        algorithms: [algorithm],
        requiredClaims: ['sub', 'aud', 'exp'],
      })
      const good = {
        caller: payload.sub!,
        callee: payload.aud as string,
        expiresAt: payload.exp! * 1000,
      }
      if (known.size >= knownLimit) known.clear()
      known.set(token, good)
      return good
    } catch (cause) {
      const why = cause instanceof errors.JWTExpired ? 'expired' : 'was not signed by this platform'
      throw new AtlasError(
        'unauthenticated',
        `the token in ${hopHeaders.token} for a call of ${callee} ${why}; call through ctx.calls, which sends one that is good`,
        { cause },
      )
    }
  }

  return {
    issue: (caller, callee) =>
      new SignJWT()
        .setProtectedHeader({ alg: algorithm })
        .setIssuer(issuer)
        .setSubject(caller)
        .setAudience(callee)
        .setExpirationTime(new Date(Date.now() + lifetimeMs))
        .sign(privateKey),
    async callerOf(token, callee) {
      if (token === undefined)
        throw new AtlasError(
          'unauthenticated',
          `a call of ${callee} from within needs a token in ${hopHeaders.token}; call through ctx.calls, which sends one`,
        )
      const found = known.get(token)
      const good = found && found.expiresAt > Date.now() ? found : await verified(token, callee)
      if (good.callee !== callee)
        throw new AtlasError(
          'permission_denied',
          `${good.caller} sent its token for calls of ${good.callee} to ${callee}; declare the call of ${callee}, and it gets one for that`,
        )
      return good.caller
    },
  }
}
