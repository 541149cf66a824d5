import { types } from 'node:util'

const deepest = 8
const mostItems = 200
const longestText = 16 * 1024

/** One value that is being written: what it is inside of, and how many more values there may be. */
interface Walk {
  readonly above: object[]
  left: number
}

/** A line is for people to read; a field that holds a whole database is a mistake. */
const mostValues = 2000

/**
 * A value of a log field as something that JSON can hold, whatever it is. Never throws. Bytes and streams are not
 * written: a log is no place for bodies. Nothing else is left out for what it is called.
 */
export function jsonValue(value: unknown, walk: Walk = { above: [], left: mostValues }): unknown {
  walk.left -= 1
  switch (typeof value) {
    case 'string':
      return cut(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'boolean':
      return value
    case 'bigint':
      return cut(value.toString())
    case 'object':
      return value === null ? null : jsonObject(value, walk)
    default:
      return undefined
  }
}

function jsonObject(value: object, walk: Walk): unknown {
  const { above } = walk
  if (above.includes(value)) return '[circular]'
  if (above.length >= deepest || walk.left < 0) return '[more]'
  above.push(value)
  try {
    return contentOf(value, walk)
  } catch {
    return '[unreadable]'
  } finally {
    above.pop()
  }
}

function contentOf(value: object, walk: Walk): unknown {
  if (value instanceof Error || types.isNativeError(value)) return jsonError(value as Error, walk)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof URL) return value.href
  const opaque = opaqueKind(value)
  if (opaque) return `[${opaque}]`
  if (value instanceof Map) return jsonFields(first(value.entries()), walk)
  if (Array.isArray(value) || value instanceof Set)
    return first(value.values()).map((item) => jsonValue(item, walk) ?? null)
  const toJson = (value as { toJSON?: unknown }).toJSON
  if (typeof toJson === 'function') return jsonValue(toJson.call(value), walk)
  return jsonFields(first(Object.entries(value).values()), walk)
}

/** An error with what it says of itself, its own fields, and its causes. */
function jsonError(error: Error, walk: Walk): object {
  const { name, message, stack, cause } = error
  const fields: [string, unknown][] = [
    ['type', String(name)],
    ['message', String(message)],
    ['stack', stack],
    ['cause', cause],
  ]
  if (error instanceof AggregateError) fields.push(['errors', error.errors])
  const known = new Set(fields.map(([key]) => key))
  const own = first(Object.entries(error).values()).filter(([key]) => !known.has(key))
  return jsonFields([...fields, ...own], walk)
}

function jsonFields(entries: readonly (readonly [unknown, unknown])[], walk: Walk): object {
  const fields = {}
  for (const [key, item] of entries) {
    const value = jsonValue(item, walk)
    // Not by assignment: a field called `__proto__` is one like any other.
    if (value !== undefined)
      Object.defineProperty(fields, String(key), { value, enumerable: true, configurable: true })
  }
  return fields
}

function opaqueKind(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `${value.byteLength} bytes`
  if (value instanceof ReadableStream || value instanceof Blob) return value.constructor.name
  return types.isPromise(value) ? 'Promise' : undefined
}

function first<T>(items: Iterator<T, unknown, unknown>): T[] {
  return Iterator.from(items as Iterator<T>)
    .take(mostItems)
    .toArray()
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}[${text.length - longestText} more]` : text
}
