import { type ByteStream, byteStream, fromText, type Issue, invalidInput } from '@atlas/contract'
import type { ServedEndpoint } from '../routing-table.ts'
import type { UniversalRequest } from '../universal.ts'
import { checkEncoding, parseJsonBytes } from './json-body.ts'
import { readQuery } from './query.ts'

type Input = Record<string, unknown>

/**
 * The input of a request with a JSON body: the body's fields and, over them, those of the path.
 *
 * @param bytes the body, see {@link readJsonBytes}
 * @throws AtlasError `invalid_argument`
 */
export function decodeJsonInput(
  served: ServedEndpoint,
  pathValues: readonly string[],
  request: UniversalRequest,
  bytes: Buffer | undefined,
): Input {
  const input = parseJsonBytes(request, bytes)
  readPath(served, pathValues, input)
  return input
}

/**
 * The input of a request without a JSON body: the query's fields and those of the path.
 *
 * @throws AtlasError `invalid_argument`
 * @throws URIError when the query is not valid percent-encoding
 */
export function decodeTextInput(
  served: ServedEndpoint,
  pathValues: readonly string[],
  request: UniversalRequest,
): Input {
  const input: Input = {}
  if (served.queryFields.size > 0) readQuery(request.query, served.queryFields, input)
  readPath(served, pathValues, input)
  return input
}

/** The body of a request as bytes. @throws AtlasError `invalid_argument` (415) for a compressed one */
export function decodeBytes(request: UniversalRequest): ByteStream {
  checkEncoding(request)
  const contentType = (request.headers['content-type'] as string | undefined) ?? 'application/octet-stream'
  const { body } = request
  return body
    ? byteStream(body.stream(), { contentType, sizeBytes: body.sizeBytes })
    : byteStream(new Uint8Array(), { contentType })
}

/**
 * Path fields are named by the contract, so no request can choose names here. Segments that clients resolve away never
 * come from one of ours, and could mean another place to whoever uses the value as a path.
 */
function readPath({ binding }: ServedEndpoint, values: readonly string[], input: Input): void {
  const issues: Issue[] = []
  for (let index = 0; index < values.length; index++) {
    const field = binding.path[index]!
    const value = values[index]!
    if (hasDotSegment(value, field.rest))
      issues.push({ path: field.name, message: `must not be or contain the path segment '.' or '..'` })
    input[field.name] = fromText(field, value)
  }
  if (issues.length > 0) throw invalidInput(issues)
}

function hasDotSegment(value: string, rest: boolean): boolean {
  if (value === '.' || value === '..') return true
  return (
    rest && value.includes('.') && value.split('/').some((segment) => segment === '.' || segment === '..')
  )
}
