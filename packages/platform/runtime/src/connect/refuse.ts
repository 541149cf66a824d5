import type { AtlasError } from '@atlas/contract'
import type { RpcMethod } from '../rpc/method.ts'
import type { Answer, UniversalRequest } from '../universal.ts'
import { connectTypeOf } from './content-type.ts'
import { encodeConnectError, encodeStreamError } from './encode-response.ts'

/** The answer to a Connect request that fails. */
export function refuseConnect(request: UniversalRequest, error: AtlasError, method: RpcMethod): Answer {
  const type = connectTypeOf(request)
  const details = method.details(error)
  return type?.streaming
    ? encodeStreamError(error, details, type.format, method.headers)
    : encodeConnectError(error, details, method.headers)
}
