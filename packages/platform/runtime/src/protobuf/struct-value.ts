import type { Fields } from './binary-codec.ts'
import { setEntry } from './record-entry.ts'

/** A JSON object as the fields of a `google.protobuf.Struct`. */
export function structOf(json: object): Fields {
  const fields: Fields = {}
  for (const [key, value] of Object.entries(json))
    if (value !== undefined) setEntry(fields, key, structValue(value))
  return { fields }
}

function structValue(json: unknown): Fields {
  switch (typeof json) {
    case 'number':
      return { numberValue: json }
    case 'string':
      return { stringValue: json }
    case 'boolean':
      return { boolValue: json }
    case 'object':
      if (json === null) return { nullValue: 'NULL_VALUE' }
      return Array.isArray(json)
        ? { listValue: { values: json.map(structValue) } }
        : { structValue: structOf(json) }
    default:
      return { nullValue: 'NULL_VALUE' }
  }
}
