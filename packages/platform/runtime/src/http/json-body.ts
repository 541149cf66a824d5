import { isUtf8 } from 'node:buffer'
import { AtlasError, invalidInput } from '@atlas/contract'
import type { UniversalRequest } from '../universal.ts'
import { jsonErrorAt } from './json-position.ts'

/**
 * Reads a JSON object. No body at all is an empty object.
 *
 * @throws AtlasError `invalid_argument`: 415 for another type, 400 for what is not JSON in UTF-8, or not an object
 */
export async function readJsonBody(
  request: UniversalRequest,
  maxBytes: number,
): Promise<Record<string, unknown>> {
  const { body } = request
  if (!body) return {}
  const type = request.headers['content-type'] as string | undefined
  checkEncoding(request)
  if (type === undefined ? body.sizeBytes : !isJson(type)) throw notJson(type)
  const bytes = await body.read(maxBytes)
  if (bytes.byteLength === 0) return {}
  if (type === undefined) throw notJson(type)
  if (!isUtf8(bytes)) throw new AtlasError('invalid_argument', 'the body is not valid UTF-8; JSON must be')
  const value = parse(bytes.toString())
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
