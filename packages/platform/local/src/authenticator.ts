import { createClient, type Transport } from '@atlas/client'
import { AtlasError, type Contract } from '@atlas/contract'

/** Asks who a token belongs to. @throws AtlasError when it belongs to nobody */
export type Authenticate = (token: string, signal: AbortSignal) => Promise<unknown>

/**
 * The environment's authenticator (`"authenticator": "identity.verify"`) as a function. The endpoint takes `{ token }`,
 * and its output becomes `ctx.user`.
 *
 * @throws AtlasError from the function: `unavailable` when the servlet is not there
 */
export function authenticatorOf(
  named: string,
  contractOf: (servlet: string) => Contract | undefined,
  transportTo: (contract: Contract) => Transport,
): Authenticate {
  const [servlet = '', endpoint = ''] = named.split('.')
  return async (token, signal) => {
    const contract = contractOf(servlet)
    if (!contract) throw new AtlasError('unavailable', `nobody can sign in: ${servlet} is not running`)
    const client = createClient(contract, transportTo(contract)) as Readonly<
      Record<string, (input: object, options: object) => Promise<unknown>>
    >
    const verify = client[endpoint]
    if (!verify) throw new AtlasError('internal', `the authenticator ${named} does not exist`)
    return verify({ token }, { signal })
  }
}
