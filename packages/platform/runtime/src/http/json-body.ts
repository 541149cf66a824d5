import { isUtf8 } from 'node:buffer'
import { AtlasError, invalidInput } from '@atlas/contract'
import type { UniversalRequest } from '../universal.ts'
import { jsonErrorAt } from './json-position.ts'

/**
 * The bytes of a JSON body, not looked at; undefined where there is no body at all. It is not an async function, so that a
 * request waits once for its body, and not once for each function in between.
 *
 * @throws AtlasError `invalid_argument`: 415 for another type
 */
export function readJsonBytes(request: UniversalRequest, maxBytes: number): Promise<Buffer> | undefined {
  const { body } = request
  if (!body) return undefined
  const type = request.headers['content-type'] as string | undefined
  checkEncoding(request)
  if (type === undefined ? body.sizeBytes : !isJson(type)) throw notJson(type)
  return body.read(maxBytes)
}

/**
 * The JSON object in a body. No body at all is an empty object.
 *
 * @throws AtlasError `invalid_argument`: 415 for another type, 400 for what is not JSON in UTF-8, or not an object
 */
export function parseJsonBytes(
  { headers }: UniversalRequest,
  bytes: Buffer | undefined,
): Record<string, unknown> {
  if (bytes === undefined || bytes.byteLength === 0) return {}
  if (headers['content-type'] === undefined) throw notJson(undefined)
  const text = bytes.toString()
  // What cannot be decoded becomes this character, so that bytes without it need no second look.
  if (text.includes('\ufffd') && !isUtf8(bytes))
    throw new AtlasError('invalid_argument', 'the body is not valid UTF-8; JSON must be')
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidInput([{ path: '', message: 'the body must be a JSON object, as in {"name":"ada"}' }])
  return value as Record<string, unknown>
}

/**
 * Refuses compressed bodies: nothing here unpacks them, and unpacking needs limits of its own.
 *
 * @throws AtlasError `invalid_argument` (415)
 */
export function checkEncoding({ headers }: UniversalRequest): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === 'identity' || encoding === '') return
  throw new AtlasError(
    'invalid_argument',
    `content-encoding ${encoding} is not accepted; send the body as it is`,
    { httpStatus: 415 },
  )
}

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i

function isJson(type: string): boolean {
  return type === 'application/json' || jsonType.test(type)
}

function notJson(type: string | undefined): AtlasError {
  return new AtlasError(
    'invalid_argument',
    `the body is ${type ? `'${type}'` : 'of no declared type'}; send JSON in UTF-8 with 'content-type: application/json'`,
    { httpStatus: 415 },
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const { position, line, column } = jsonErrorAt(text)
    const what = position >= text.length ? 'it ends too early' : 'unexpected character'
    throw new AtlasError(
      'invalid_argument',
      `the body is not JSON: ${what} at position ${position} (line ${line}, column ${column})`,
    )
  }
}
