import { AtlasError, type BoundField, type BytesSource, bindingOf, byteStream } from '@atlas/contract'
import type { CallRequest } from '../client.ts'
import { mediaTypeOf } from '../media-type.ts'
import { canStreamRequests } from './stream-requests.ts'

/** A request that `fetch` can send. */
export interface EncodedRequest {
  readonly url: string
  readonly init: RequestInit & { duplex?: 'half' }
}

/**
 * Writes a call as an HTTP request, by the contract's binding.
 *
 * @throws AtlasError `invalid_argument` for an input that cannot be written
 */
export async function encodeRequest(
  request: CallRequest,
  baseUrl: string,
  headers: Headers,
): Promise<EncodedRequest> {
  const { endpoint, input } = request
  const binding = bindingOf(endpoint)
  const path = binding.pattern.segments.map((segment) => {
    if (segment.kind === 'literal') return segment.value
    const value = String(input[segment.field])
    return segment.kind === 'rest'
      ? value.split('/').map(encodeURIComponent).join('/')
      : encodeURIComponent(value)
  })
  const query = encodeQuery(binding.query, input)
  const url = `${baseUrl}/${path.join('/')}${query && `?${query}`}`
  const init: EncodedRequest['init'] = { method: binding.pattern.method, headers }
  if (binding.body === 'json') {
    const inPath = new Set(binding.path.map((field) => field.name))
    headers.set('content-type', 'application/json')
    init.body = encodeJson(inPath.size === 0 ? input : without(input, inPath))
  } else if (binding.body === 'bytes')
    Object.assign(init, await encodeBytes(request.body!, endpoint.body!.types, headers))
  return { url, init }
}

function encodeQuery(fields: readonly BoundField[], input: CallRequest['input']): string {
  const query = new URLSearchParams()
  for (const { name, list } of fields) {
    const value = input[name]
    if (value === undefined) continue
    if (list && Array.isArray(value)) for (const item of value) query.append(name, String(item))
    else query.append(name, String(value))
  }
  return query.toString()
}

function encodeJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new AtlasError('invalid_argument', `the input cannot be written as JSON: ${String(cause)}`, {
      cause,
    })
  }
}

/**
 * What is whole already is given to `fetch` whole: it knows the size, and no browser refuses it. Streams stay streams
 * where requests can be streamed; elsewhere they are collected first, because such browsers would send their name.
 */
async function encodeBytes(
  source: BytesSource,
  types: readonly string[],
  headers: Headers,
): Promise<EncodedRequest['init']> {
  const whole = typeof source === 'string' ? new TextEncoder().encode(source) : source
  if (whole instanceof Uint8Array || whole instanceof Blob) {
    const contentType = whole instanceof Blob ? whole.type : typeof source === 'string' ? plainText : ''
    headers.set('content-type', mediaTypeOf(contentType, types))
    return { body: whole as Uint8Array<ArrayBuffer> | Blob }
  }
  const stream = byteStream(source)
  headers.set('content-type', mediaTypeOf(stream.contentType, types))
  if (!canStreamRequests()) return { body: await new Response(stream).blob() }
  if (stream.sizeBytes !== undefined) headers.set('content-length', String(stream.sizeBytes))
  return { body: stream, duplex: 'half' }
}

const plainText = 'text/plain; charset=utf-8'

function without(input: CallRequest['input'], names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !names.has(name)))
}
