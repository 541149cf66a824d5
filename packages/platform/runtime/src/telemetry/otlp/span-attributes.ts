import type { Attributes } from '@opentelemetry/api'
import { codeNames } from '../metrics/outcome.ts'
import type { SpanRecord } from '../tracing/span-record.ts'

/** All attributes of a span: those of its source, what is known of its end, and what user code said, which wins. */
export function spanAttributes(span: SpanRecord): Attributes {
  const { source, codeNumber, httpStatus, bytesIn, bytesOut, path, details } = span
  const attributes: Attributes = { ...source.attributes }
  if (path !== undefined) attributes['url.path'] = path
  if (httpStatus > 0) attributes['http.response.status_code'] = httpStatus
  const code = codeNames[codeNumber]
  if (code !== undefined) {
    attributes['atlas.code'] = code
    if (codeNumber > 0) attributes['error.type'] = code
    // Each system writes codes as it does on the wire.
    const system = source.attributes['rpc.system.name']
    if (system === 'grpc') attributes['rpc.response.status_code'] = code.toUpperCase()
    else if (system !== undefined && codeNumber > 0) attributes['rpc.response.status_code'] = code
  }
  if (bytesIn >= 0) attributes['http.request.body.size'] = bytesIn
  if (bytesOut >= 0) attributes['http.response.body.size'] = bytesOut
  if (details) for (const [key, value] of details.attributes) attributes[key] = value
  return attributes
}
