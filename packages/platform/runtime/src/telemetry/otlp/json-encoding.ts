import { encodeJson } from './encode-json.ts'
import type { Encoding } from './encoding.ts'

/** OTLP as JSON. */
export const jsonEncoding: Encoding = {
  contentType: 'application/json',
  encode: encodeJson,
  decodeAnswer(body) {
    try {
      const { partialSuccess } = JSON.parse(Buffer.from(body).toString()) as {
        partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string }
      }
      return {
        rejected: Number(partialSuccess?.rejectedSpans ?? 0) || 0,
        message: String(partialSuccess?.errorMessage ?? ''),
      }
    } catch {
      return { rejected: 0, message: '' }
    }
  },
}
