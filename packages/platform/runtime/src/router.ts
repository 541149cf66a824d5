import type { RoutePattern } from '@atlas/contract'

/** A route that matched. */
export interface Match<T> {
  readonly target: T
  /** The values of the route's fields, in order. */
  readonly values: readonly string[]
}

/** Finds routes. Paths are percent-encoded, as sent. */
export interface Router<T> {
  /** The most specific route, or undefined. @throws URIError when the path is not valid percent-encoding */
  find(method: string, path: string): Match<T> | undefined
  /** The methods that the path has a route for. @throws URIError as `find` */
  allowed(path: string): string[]
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>
  field: Node<T> | undefined
  /** Targets by method, of routes that end here. */
  readonly here: Map<string, T>
  /** Targets by method, of routes that take the rest from here. */
  readonly rest: Map<string, T>
}

/**
 * A trie over path segments. At each segment a literal is tried first, then a field, then a rest, and what leads nowhere
 * is taken back: so `/users/me` wins over `/users/{id}`, and a path without a route for the method under the one is
 * still found under the other.
 */
export function createRouter<T>(
  routes: Iterable<{ readonly pattern: RoutePattern; readonly target: T }>,
): Router<T> {
  const root = emptyNode<T>()
  // Routes without fields are the most specific of all, so one look here often is the whole search.
  const exact = new Map<string, Map<string, Match<T>>>()
  for (const { pattern, target } of routes) {
    const end = pattern.segments.reduce(step, root)
    const rest = pattern.segments.at(-1)?.kind === 'rest'
    ;(rest ? end.rest : end.here).set(pattern.method, target)
    if (pattern.segments.every(({ kind }) => kind === 'literal'))
      within(exact, pattern.method, () => new Map<string, Match<T>>()).set(pattern.path, {
        target,
        values: [],
      })
  }
  return {
    find(method, path) {
      const known = exact.get(method)?.get(path)
      if (known) return known
      const values: string[] = []
      const target = search(root, method, segmentsOf(path), 0, values)
      return target === undefined ? undefined : { target, values }
    },
    allowed(path) {
      const methods = new Set<string>()
      collect(root, segmentsOf(path), 0, methods)
      return [...methods].sort()
    },
  }
}

function step<T>(node: Node<T>, segment: RoutePattern['segments'][number]): Node<T> {
  if (segment.kind === 'literal') return within(node.literals, segment.value, emptyNode<T>)
  if (segment.kind === 'rest') return node
  node.field ??= emptyNode<T>()
  return node.field
}

/** Decodes each segment by itself: `%2F` is part of a value, not a separator. */
function segmentsOf(path: string): string[] {
  const segments = path.slice(1).split('/')
  if (path === '/') segments.length = 0
  return path.includes('%') ? segments.map(decodeURIComponent) : segments
}

function search<T>(
  node: Node<T>,
  method: string,
  segments: readonly string[],
  at: number,
  values: string[],
): T | undefined {
  const segment = segments[at]
  if (segment === undefined) return node.here.get(method)
  const literal = node.literals.get(segment)
  if (literal) {
    const found = search(literal, method, segments, at + 1, values)
    if (found !== undefined) return found
  }
  if (node.field && segment !== '') {
    values.push(segment)
    const found = search(node.field, method, segments, at + 1, values)
    if (found !== undefined) return found
    values.pop()
  }
  const found = node.rest.get(method)
  if (found === undefined) return undefined
  const rest = segments.slice(at).join('/')
  if (rest === '') return undefined
  values.push(rest)
  return found
}

function collect<T>(node: Node<T>, segments: readonly string[], at: number, methods: Set<string>): void {
  const segment = segments[at]
  if (segment === undefined) {
    for (const method of node.here.keys()) methods.add(method)
    return
  }
  const literal = node.literals.get(segment)
  if (literal) collect(literal, segments, at + 1, methods)
  if (node.field && segment !== '') collect(node.field, segments, at + 1, methods)
  if (segments.length > at + 1 || segment !== '') for (const method of node.rest.keys()) methods.add(method)
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), field: undefined, here: new Map(), rest: new Map() }
}

function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
