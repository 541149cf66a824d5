import type { Attributes } from '@opentelemetry/api'
import { codeNames } from '../metrics/outcome.ts'
import type { SpanRecord } from '../tracing/span-record.ts'

/** All attributes of a span: those of its source, what is known of its end, and what user code said, which wins. */
export function spanAttributes(span: SpanRecord): Attributes {
  const { source, codeNumber, httpStatus, bytesIn, bytesOut, path, details } = span
  const attributes: Attributes = { ...source.attributes }
  if (path !== undefined) attributes['url.path'] = path
  if (httpStatus > 0) attributes['http.response.status_code'] = httpStatus
  if (codeNumber >= 0) attributes['rpc.response.status_code'] = codeNames[codeNumber]!.toUpperCase()
  if (codeNumber > 0) attributes['error.type'] = codeNames[codeNumber]!
  if (bytesIn >= 0) attributes['http.request.body.size'] = bytesIn
  if (bytesOut >= 0) attributes['http.response.body.size'] = bytesOut
  if (details) for (const [key, value] of details.attributes) attributes[key] = value
  return attributes
}
