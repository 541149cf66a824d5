import type { AtlasError } from '@atlas/contract'
import type { RpcMethod } from '../rpc/method.ts'
import { notACall } from '../rpc/not-a-call.ts'
import type { Answer, UniversalRequest } from '../universal.ts'
import { formatOf } from './content-type.ts'
import { encodeGrpcError } from './encode-response.ts'

/**
 * The answer to a gRPC request that fails. What is not a call at all gets a plain HTTP answer: by another method than POST,
 * in a format that is not served, or over a connection that has no trailers.
 */
export function refuseGrpc(
  request: UniversalRequest,
  error: AtlasError,
  method: RpcMethod | undefined,
): Answer {
  const format = formatOf(request)
  if (format === undefined || request.method !== 'POST' || !request.trailers) return notACall(error)
  return encodeGrpcError(error, method?.details(error) ?? [], format, method?.headers)
}
