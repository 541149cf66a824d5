import { AtlasError } from '@atlas/contract'
import { expireIn } from '../deadline.ts'
import type { UniversalRequest } from '../universal.ts'

const unitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/**
 * Heeds the time that the caller waits, in gRPC's header
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 *
 * @throws AtlasError `invalid_argument` when the header is no such time; `deadline_exceeded` when no time is left
 */
export function startGrpcDeadline(request: UniversalRequest): void {
  const header = request.headers['grpc-timeout']
  if (header === undefined) return
  const match = typeof header === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(header) : undefined
  if (!match)
    throw new AtlasError(
      'invalid_argument',
      'the header grpc-timeout is not up to 8 digits and a unit, as in 500m',
    )
  expireIn(request, Number(match[1]) * unitsMs[match[2]!]!)
}
