import {
  AtlasError,
  type ByteStream,
  byteStream,
  codeOfHttpStatus,
  type ErrorDocument,
  isBytes,
  isCode,
  isStream,
  parserOf,
} from '@atlas/contract'
import type { CallRequest } from '../client.ts'

/** Reads the JSON answer of a call that answers once. @throws AtlasError `internal` when it is not what the contract says */
export async function decodeResponse(request: CallRequest, response: Response): Promise<unknown> {
  const text = await response.text()
  return parseOutput(request, response.status === 204 ? {} : parseJson(request, text))
}

/** The answer's bytes, with type and size. */
export function decodeBytes(response: Response): ByteStream {
  const { headers } = response
  const size = headers.get('content-length')
  // Of a compressed answer the length is that of what was sent, and `fetch` has unpacked it.
  const known = size !== null && !headers.has('content-encoding')
  return byteStream(response.body ?? emptyStream(), {
    contentType: headers.get('content-type') ?? 'application/octet-stream',
    sizeBytes: known ? Number(size) : undefined,
  })
}

/** A stream that has ended: the body of an answer without one. */
export function emptyStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() })
}

/** Reads one output or item. @throws AtlasError `internal` when it is not what the contract says */
export function parseOutput(request: CallRequest, value: unknown): unknown {
  const { output } = request.endpoint
  if (isBytes(output)) throw new TypeError('bytes have no JSON form')
  const parsed = parserOf(isStream(output) ? output.item : output)(value)
  if (parsed.ok) return parsed.value
  const [issue] = parsed.issues
  throw unreadable(request, `${issue?.path ? `${issue.path}: ` : ''}${issue?.message}`)
}

/** Reads an error answer; pages of proxies, which carry no document, become the code of their status. */
export async function decodeError(request: CallRequest, response: Response): Promise<AtlasError> {
  const text = await response.text().catch(() => '')
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Not ours; the status says what is known.
  }
  return (
    errorOfDocument(request, document, response.status) ??
    new AtlasError(
      codeOfHttpStatus(response.status),
      `${request.contract.name}.${request.name} answered HTTP ${response.status} without an error document`,
      { httpStatus: response.status, data: hintOf(response.headers.get('retry-after')) },
    )
  )
}

/** What a proxy says of when to come back, as our servers say it. Dates are left out: clocks differ. */
function hintOf(retryAfter: string | null): { readonly retryAfterMs: number } | undefined {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
    ? { retryAfterMs: Number(retryAfter) * 1000 }
    : undefined
}

/** The error of a document, or undefined where it is none. Data of a kind is parsed by the contract. */
export function errorOfDocument(
  request: CallRequest,
  document: unknown,
  httpStatus?: number,
): AtlasError | undefined {
  if (typeof document !== 'object' || document === null) return undefined
  const { code, message, kind, data } = document as Partial<ErrorDocument>
  if (!isCode(code) || typeof message !== 'string') return undefined
  if (typeof kind === 'string' && Object.hasOwn(request.endpoint.errors, kind)) {
    const parsed = parserOf(request.endpoint.errors[kind]!.data)(data ?? {})
    if (parsed.ok) return new AtlasError(code, message, { kind, data: parsed.value, httpStatus })
  }
  // A kind that this version does not know, or cannot read, arrives as its code.
  return new AtlasError(code, message, { data, httpStatus })
}

/** Parses JSON. @throws AtlasError `internal` when it is none */
export function parseJson(request: CallRequest, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(request, 'it is not JSON', cause)
  }
}

function unreadable(request: CallRequest, why: string, cause?: unknown): AtlasError {
  return new AtlasError(
    'internal',
    `the answer of ${request.contract.name}.${request.name} is not what its contract says: ${why}`,
    { cause },
  )
}
