/** What Pulumi's wire says in place of a value that is not known yet. */
export const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'

/** The key and the value that mark an object on Pulumi's wire as a secret around its `value`. */
const signature = { key: '4dabf18193072939515e22adb298388d', secret: '1b47061264138c4ac30d75fd1eb44270' }

/** A value as JSON has it. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value }

/** An object of JSON. */
export type Fields = { [key: string]: Value }

/** Whether a value is an object, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSecret(value: Value): value is Fields & { value: Value } {
  return isFields(value) && value[signature.key] === signature.secret && 'value' in value
}

/** Marks a value as a secret. */
export function secret(value: Value): Value {
  return isSecret(value) ? value : { [signature.key]: signature.secret, value }
}

/** A value without the marks of secrets, at any depth. */
export function unwrap(value: Value): Value {
  if (isSecret(value)) return unwrap(value.value)
  if (Array.isArray(value)) return value.map(unwrap)
  if (isFields(value)) return mapFields(value, unwrap)
  return value
}

/**
 * Marks in `value` what is marked in `like`: the same keys, at any depth. An array of which one element is marked is marked as
 * a whole, as elements move.
 */
export function rewrap(value: Value, like: Value | undefined): Value {
  if (like === undefined) return value
  if (isSecret(like)) return secret(unwrap(value))
  if (isFields(like) && isFields(value)) return mapFields(value, (item, key) => rewrap(item, like[key]))
  if (Array.isArray(like) && like.some(hasSecret)) return secret(unwrap(value))
  return value
}

function hasSecret(value: Value): boolean {
  if (isSecret(value)) return true
  if (Array.isArray(value)) return value.some(hasSecret)
  return isFields(value) && Object.values(value).some(hasSecret)
}

/** Whether a value contains one that is not known yet. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === unknownValue) return true
  if (Array.isArray(value)) return value.some(hasUnknown)
  return isFields(value) && Object.values(value).some(hasUnknown)
}

/** Equality of JSON values; the order of keys does not count. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]))
  }
  if (!isFields(a) || !isFields(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]))
}

/** Whether Go writes a value of its type with `omitempty` as nothing. */
export function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return isFields(value) && Object.values(value).every(isEmpty)
}

/** An object with each value replaced. */
export function mapFields(fields: Fields, map: (value: Value, key: string) => Value): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, map(value, key)]))
}

/** The object at a key; an empty one when there is none. */
export function fieldsAt(fields: Fields | undefined, key: string): Fields {
  const value = fields?.[key]
  return isFields(value) ? value : {}
}

/** The text at a key. */
export function textAt(fields: Fields | undefined, key: string): string | undefined {
  const value = fields?.[key]
  return typeof value === 'string' ? value : undefined
}
