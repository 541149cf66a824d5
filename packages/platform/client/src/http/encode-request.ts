import { type BoundField, bindingOf, byteStream } from '@atlas/contract'
import type { CallRequest } from '../client.ts'

/** A request that `fetch` can send. */
export interface EncodedRequest {
  readonly url: string
  readonly init: RequestInit & { duplex?: 'half' }
}

/** Writes a call as an HTTP request, by the contract's binding. */
export function encodeRequest(request: CallRequest, baseUrl: string, headers: Headers): EncodedRequest {
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
    init.body = JSON.stringify(inPath.size === 0 ? input : without(input, inPath))
  } else if (binding.body === 'bytes') {
    const body = byteStream(request.body!)
    headers.set('content-type', mediaTypeOf(body.contentType, endpoint.body!.types))
    if (body.sizeBytes !== undefined) headers.set('content-length', String(body.sizeBytes))
    init.body = body
    init.duplex = 'half'
  }
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

/** Bytes without a type of their own get the one the contract names, where it names just one. */
function mediaTypeOf(contentType: string, accepted: readonly string[]): string {
  const [only] = accepted
  const plain = accepted.length === 1 && only !== undefined && !only.includes('*')
  return plain && contentType === 'application/octet-stream' ? only : contentType
}

function without(input: CallRequest['input'], names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !names.has(name)))
}
