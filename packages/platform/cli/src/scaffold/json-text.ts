const lineWidth = 110

/** A package.json as npm writes it: every list on lines of its own. */
export function packageJsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** A JSON file as everybody formats it: lists of plain values on one line where they fit. */
export function jsonText(value: unknown): string {
  return `${write(value, '', 0)}\n`
}

/** @param before how many characters stand before the value on its line */
function write(value: unknown, indent: string, before: number): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const short = JSON.stringify(value).replaceAll('","', '", "')
    if (value.every((item) => typeof item !== 'object') && before + short.length < lineWidth) return short
    return `[\n${value.map((item) => `${inner}${write(item, inner, inner.length)}`).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return '{}'
  const lines = fields.map(([key, field]) => {
    const start = `${inner}${JSON.stringify(key)}: `
    return `${start}${write(field, inner, start.length)}`
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}
