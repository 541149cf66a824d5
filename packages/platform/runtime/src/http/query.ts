import { type BoundField, fromText, type Issue, invalidInput } from '@atlas/contract'

/**
 * Reads the fields of a query into `input`. Names that the endpoint does not know are ignored. A list is there even when
 * no key is, because a query cannot tell an absent list from an empty one.
 *
 * @throws AtlasError `invalid_argument` when a single value comes twice
 * @throws URIError when a known name or value is not valid percent-encoding
 */
export function readQuery(
  query: string,
  fields: ReadonlyMap<string, BoundField>,
  input: Record<string, unknown>,
): void {
  for (const field of fields.values()) if (field.list) input[field.name] = []
  if (query === '') return
  const seen = new Set<string>()
  const issues: Issue[] = []
  let start = 0
  while (start <= query.length) {
    let end = query.indexOf('&', start)
    if (end < 0) end = query.length
    let equals = query.indexOf('=', start)
    if (equals < 0 || equals > end) equals = end
    const field = fields.get(decode(query.slice(start, equals)))
    if (field) {
      const value = fromText(field, decode(query.slice(equals + 1, end)))
      if (field.list) (input[field.name] as unknown[]).push(value)
      else if (seen.has(field.name))
        issues.push({ path: field.name, message: 'is given more than once, and is a single value' })
      else {
        seen.add(field.name)
        input[field.name] = value
      }
    }
    start = end + 1
  }
  if (issues.length > 0) throw invalidInput(issues)
}

/** As forms are encoded: `+` is a space. */
function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced
}
