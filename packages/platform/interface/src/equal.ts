/** Whether two JSON values are equal, whatever the order of their keys; a key without a value is no key. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]))
  return !Array.isArray(b) && equalRecords(a as Record<string, unknown>, b as Record<string, unknown>)
}

function equalRecords(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let count = 0
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue
    if (!Object.hasOwn(b, key) || !equal(a[key], b[key])) return false
    count++
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) count--
  return count === 0
}
