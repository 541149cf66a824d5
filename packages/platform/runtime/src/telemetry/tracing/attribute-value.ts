import type { Attributes, AttributeValue } from '@opentelemetry/api'

/** A longer string is cut: spans are for finding things, not for carrying them. */
const longest = 8192

/** What OpenTelemetry allows as the value of an attribute, a copy of it; undefined when it is something else. */
export function attributeValue(value: unknown): AttributeValue | undefined {
  if (Array.isArray(value)) {
    const kinds = new Set(value.filter((item) => item != null).map((item) => typeof item))
    if (kinds.size > 1) return undefined
    const items = value.map((item) => (item == null ? null : simple(item)))
    return items.includes(undefined) ? undefined : (items as AttributeValue)
  }
  return simple(value)
}

/** The attributes that are valid, as far as there is room. */
export function validAttributes(attributes: Attributes | undefined, most: number): Attributes {
  const valid: Attributes = {}
  if (!attributes) return valid
  let count = 0
  for (const [key, given] of Object.entries(attributes)) {
    const value = attributeValue(given)
    if (value === undefined || key === '') continue
    count += 1
    if (count > most) break
    valid[key] = value
  }
  return valid
}

function simple(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string')
    return (value.length > longest ? value.slice(0, longest) : value).toWellFormed()
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
