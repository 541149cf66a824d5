import { equal, type Fields, hasUnknown, isEmpty, isFields, type Value } from './values.ts'

/** How a property changes. */
export type Change = 'add' | 'update' | 'delete'

/** A property that changes: its path as Pulumi writes it, and without indices for tables. */
export interface Difference {
  readonly path: string
  readonly plain: string
  readonly change: Change
}

/**
 * What changes from `before`, an object as it is in the cluster pruned to what the old inputs speak about, to `after`, the new
 * inputs. `inputs` are the old inputs: something empty in both, which the server leaves out, is no difference.
 */
export function compare(before: Fields, after: Fields, inputs: Fields): Difference[] {
  return compareFields(before, after, inputs, '', '')
}

function compareFields(
  before: Fields,
  after: Fields,
  inputs: Fields,
  path: string,
  plain: string,
): Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    compareValue(before[key], after[key], inputs[key], join(path, key), `${plain}.${key}`),
  )
}

function compareValue(
  before: Value | undefined,
  after: Value | undefined,
  inputs: Value | undefined,
  path: string,
  plain: string,
): Difference[] {
  if (equal(before, after)) return []
  if (before === undefined || after === undefined) {
    if (before === undefined && isEmpty(after) && equal(after, inputs)) return []
    if (before === undefined && after === null) return []
    // A difference inside something empty is one of nothing.
    if (after === undefined && isEmpty(before) && inputs === undefined) return []
    return [{ path, plain, change: before === undefined ? 'add' : 'delete' }]
  }
  if (isFields(before) && isFields(after)) {
    return compareFields(before, after, isFields(inputs) ? inputs : {}, path, plain)
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const list = Array.isArray(inputs) ? inputs : []
    return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
      compareValue(before[index], after[index], list[index], `${path}[${index}]`, plain),
    )
  }
  if (isEmpty(before) && isEmpty(after) && equal(after, inputs)) return []
  return [{ path, plain, change: hasUnknown(after) && before === undefined ? 'add' : 'update' }]
}

/** A path and a key, as Pulumi writes property paths. */
function join(path: string, key: string): string {
  if (/[.[\]"]/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`
  return path === '' ? key : `${path}.${key}`
}

/** Whether a plain path is one of these or below one of them. */
export function isBelow(plain: string, prefixes: readonly string[]): boolean {
  return prefixes.some(
    (prefix) => plain === prefix || plain.startsWith(`${prefix}.`) || prefix.startsWith(`${plain}.`),
  )
}

/** The keys of a property path: `spec.a["b.c"][0]` as `spec`, `a`, `b.c`, 0; `*` stays a wildcard. */
export function parsePath(path: string): (string | number)[] {
  const keys: (string | number)[] = []
  for (const [, quoted, index, plain] of path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    if (quoted !== undefined) keys.push(quoted.replaceAll('\\"', '"'))
    else if (index !== undefined) keys.push(index === '*' ? '*' : Number(index))
    else if (plain !== undefined) keys.push(plain)
  }
  return keys
}

/** Whether a path is the ignored one or below it. */
export function isIgnored(path: string, ignored: readonly string[]): boolean {
  const keys = parsePath(path)
  return ignored.some((one) => {
    const wanted = parsePath(one)
    return wanted.length <= keys.length && wanted.every((key, index) => key === '*' || key === keys[index])
  })
}
