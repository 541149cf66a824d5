/** Whether a package's `exports` name a subpath: `.`, `./contract`. Patterns as in Node: `./schemas/*`. */
export function isExported(exports: unknown, subpath: string): boolean {
  if (exports === undefined || exports === null) return false
  const entries = subpathsOf(exports)
  if (!entries) return subpath === '.'
  if (Object.hasOwn(entries, subpath)) return entries[subpath] !== null
  return bestPattern(Object.keys(entries), subpath).some((pattern) => entries[pattern] !== null)
}

/** The subpaths that `exports` name, for a message. */
export function exportedNames(exports: unknown): string[] {
  if (exports === undefined || exports === null) return []
  const entries = subpathsOf(exports)
  return entries ? Object.keys(entries).filter((key) => entries[key] !== null) : ['.']
}

/** The file behind a subpath, as far as it is one file: a string, or the first one under its conditions. */
export function exportTarget(exports: unknown, subpath: string): string | undefined {
  const entries = subpathsOf(exports)
  const target = entries ? entries[subpath] : subpath === '.' ? exports : undefined
  return firstFile(target)
}

function firstFile(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  return Object.values(target)
    .map(firstFile)
    .find((file) => file !== undefined)
}

/** `exports` by subpath; undefined where they are for `.` alone (a string, an array or conditions). */
function subpathsOf(exports: unknown): Record<string, unknown> | undefined {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return undefined
  return Object.keys(exports).every((key) => key.startsWith('.'))
    ? (exports as Record<string, unknown>)
    : undefined
}

/** Node takes the pattern with the longest part before its star. */
function bestPattern(patterns: readonly string[], subpath: string): string[] {
  const matching = patterns.filter((pattern) => {
    const [before = '', after, ...more] = pattern.split('*')
    if (after === undefined || more.length > 0) return false
    return (
      subpath.length > before.length + after.length && subpath.startsWith(before) && subpath.endsWith(after)
    )
  })
  return matching.sort((a, b) => b.indexOf('*') - a.indexOf('*')).slice(0, 1)
}
