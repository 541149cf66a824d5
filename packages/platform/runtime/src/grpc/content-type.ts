import { AtlasError } from '@atlas/contract'
import type { Format } from '../rpc/method.ts'
import type { UniversalRequest } from '../universal.ts'

const grpcType = /^application\/grpc(?:\+(proto|json))?\s*(?:;.*)?$/i

/** Whether a request speaks gRPC, in whatever format. gRPC-Web is another protocol. */
export function isGrpc({ headers }: UniversalRequest): boolean {
  const type = headers['content-type'] as string | undefined
  return type?.startsWith('application/grpc') === true && !type.startsWith('application/grpc-web')
}

/** The format of a gRPC request's messages; undefined for one that is not served. */
export function formatOf({ headers }: UniversalRequest): Format | undefined {
  const type = headers['content-type'] as string
  if (type === 'application/grpc' || type === 'application/grpc+proto') return 'proto'
  const match = grpcType.exec(type)
  if (!match) return undefined
  return match[1]?.toLowerCase() === 'json' ? 'json' : 'proto'
}

/** The content type of answers in a format. */
export const contentTypes: Readonly<Record<Format, string>> = {
  proto: 'application/grpc+proto',
  json: 'application/grpc+json',
}

/**
 * Whether a request can be a gRPC call at all.
 *
 * @throws AtlasError that is answered as plain HTTP
 */
export function checkGrpc(request: UniversalRequest): void {
  if (!request.trailers) throw new AtlasError('unimplemented', 'gRPC needs HTTP/2', { httpStatus: 505 })
  if (request.method !== 'POST')
    throw new AtlasError('unimplemented', `${request.method} is not served here; use POST`, {
      httpStatus: 405,
    })
  if (formatOf(request) === undefined)
    throw new AtlasError(
      'invalid_argument',
      `content-type ${request.headers['content-type']} is not served here; use ${Object.values(contentTypes).join(' or ')}`,
      { httpStatus: 415 },
    )
}
