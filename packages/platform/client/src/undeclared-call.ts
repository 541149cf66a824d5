import { AtlasError } from '@atlas/contract'
import type { CallRequest, Transport } from './client.ts'

/**
 * The error of a call that the caller did not declare: it is refused before anything is sent.
 *
 * @param caller the servlet that would call
 */
export function undeclaredCall(caller: string, callee: string): AtlasError {
  return new AtlasError(
    'permission_denied',
    `${caller} may not call ${callee}, because it does not declare it: add the package of ${callee} to dependencies in package.json of ${caller}, run npx atlas interface, and deploy ${caller} again`,
  )
}

/** Carries no calls: each fails with the error that is made for it. */
export function refusingTransport(refusal: (request: CallRequest) => AtlasError): Transport {
  return {
    unary: async (request) => {
      throw refusal(request)
    },
    // biome-ignore lint/correctness/useYield: it fails before its first item
    async *stream(request) {
      throw refusal(request)
    },
  }
}
