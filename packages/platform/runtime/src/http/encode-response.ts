import { AtlasError, type ByteStream, codes, errorDocument } from '@atlas/contract'
import { retryAfterHeader } from '../overload/retry-after.ts'
import type { Answer } from '../universal.ts'
import { ByteSource } from './byte-source.ts'
import type { ItemSource } from './item-source.ts'

const nosniff = ['x-content-type-options', 'nosniff'] as const

/** Bytes are often somebody's upload: a page among them must not act in the name of whoever opens it. */
const sandbox = ['content-security-policy', 'sandbox'] as const

/** The answer of an endpoint that answers once with a value. */
export function encodeJson(value: unknown, extra: readonly string[]): Answer {
  const body = JSON.stringify(value)
  const sizeBytes = Buffer.byteLength(body)
  return {
    kind: 'answer',
    status: 200,
    headers: jsonHeaders(sizeBytes, extra),
    body,
    sizeBytes,
    error: undefined,
  }
}

/** The answer of something that is text, and no endpoint. */
export function encodeText(body: string, contentType: string, extra: readonly string[]): Answer {
  return {
    kind: 'answer',
    status: 200,
    headers: [
      'content-type',
      contentType,
      'content-length',
      String(Buffer.byteLength(body)),
      ...nosniff,
      ...extra,
    ],
    body,
    error: undefined,
  }
}

/** The answer of an endpoint that answers with bytes. The first of them are there, so that early errors have a status. */
export async function encodeBytes(stream: ByteStream, extra: readonly string[]): Promise<Answer> {
  const body = await ByteSource.open(stream)
  const { sizeBytes } = body
  return {
    kind: 'answer',
    status: 200,
    headers: [
      'content-type',
      stream.contentType,
      ...(sizeBytes === undefined ? [] : ['content-length', String(sizeBytes)]),
      ...nosniff,
      ...sandbox,
      ...extra,
    ],
    body,
    error: undefined,
  }
}

/** The answer of an endpoint that answers with items. */
export function encodeItems(body: ItemSource, extra: readonly string[]): Answer {
  return {
    kind: 'answer',
    status: 200,
    // Proxies that collect an answer before passing it on would hold items back.
    headers: [
      'content-type',
      body.framing.contentType,
      'cache-control',
      'no-store',
      'x-accel-buffering',
      'no',
      'vary',
      'accept',
      ...nosniff,
      ...extra,
    ],
    body,
    error: undefined,
  }
}

/** The answer that says an error: its document, without anything that is for logs only. */
export function encodeError(error: AtlasError, extra: readonly string[] = []): Answer {
  const body = stringifyError(error)
  const headers = jsonHeaders(Buffer.byteLength(body), extra)
  if (error.code === 'unauthenticated') headers.push('www-authenticate', 'Bearer')
  const later = retryAfterHeader(error)
  if (later !== undefined) headers.push('retry-after', later)
  return { kind: 'answer', status: statusOf(error), headers, body, error }
}

/** The document of an error as JSON. */
export function stringifyError(error: AtlasError): string {
  try {
    return JSON.stringify(errorDocument(error))
  } catch {
    // Data without a JSON form; the error itself must arrive all the same.
    return JSON.stringify(errorDocument(new AtlasError(error.code, error.message)))
  }
}

/** An error that claims a status of success, or none at all, gets its code's. */
function statusOf({ code, httpStatus }: AtlasError): number {
  return Number.isInteger(httpStatus) && httpStatus >= 400 && httpStatus <= 599
    ? httpStatus
    : codes[code].http
}

function jsonHeaders(sizeBytes: number, extra: readonly string[]): string[] {
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    String(sizeBytes),
    'x-content-type-options',
    'nosniff',
  ]
  if (extra.length > 0) headers.push(...extra)
  return headers
}
