import { AtlasError } from '@atlas/contract'
import { decompress, type Encoding, encodingOf } from '../rpc/compression.ts'
import type { Format } from '../rpc/method.ts'
import type { UniversalRequest } from '../universal.ts'

/** The message of a unary request, as it came. */
export interface UnaryMessage {
  readonly format: Format
  readonly encoding: Encoding
  readonly bytes: Buffer
}

/** The message of a POST: the body is nothing else. @throws AtlasError */
export async function readPost(
  { headers, body }: UniversalRequest,
  format: Format,
  maxBytes: number,
): Promise<UnaryMessage> {
  const encoding = encodingOf(headers['content-encoding'])
  const bytes = body ? await body.read(maxBytes) : empty
  return { format, encoding, bytes: await unpacked(bytes, encoding, maxBytes) }
}

const empty = Buffer.alloc(0)

/**
 * The message of a GET, in the query (https://connectrpc.com/docs/protocol#unary-get-request).
 *
 * @throws AtlasError
 */
export async function readGet({ query }: UniversalRequest, maxBytes: number): Promise<UnaryMessage> {
  const given = new URLSearchParams(query)
  const version = given.get('connect')
  if (version !== null && version !== 'v1')
    throw new AtlasError('invalid_argument', `connect=${version} is not served; use connect=v1`)
  const format = given.get('encoding')
  if (format !== 'json' && format !== 'proto')
    throw new AtlasError('invalid_argument', `the query needs encoding=json or encoding=proto`, {
      httpStatus: 415,
    })
  const message = given.get('message')
  if (message === null) throw new AtlasError('invalid_argument', 'the query needs message=')
  const encoding = encodingOf(given.get('compression') ?? undefined)
  const bytes = Buffer.from(message, given.get('base64') === '1' ? 'base64' : 'utf8')
  return { format, encoding, bytes: await unpacked(bytes, encoding, maxBytes) }
}

function unpacked(bytes: Buffer, encoding: Encoding, maxBytes: number): Buffer | Promise<Buffer> {
  return encoding === 'identity' || bytes.byteLength === 0 ? bytes : decompress(bytes, maxBytes)
}

/** @throws AtlasError `invalid_argument` for a version of the protocol that is not the first */
export function checkVersion({ headers }: UniversalRequest): void {
  const version = headers['connect-protocol-version']
  if (version !== undefined && version !== '1')
    throw new AtlasError(
      'invalid_argument',
      `connect-protocol-version ${String(version)} is not served; use 1`,
    )
}
