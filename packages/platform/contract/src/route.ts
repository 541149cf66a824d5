/** HTTP methods that a route may use. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** An HTTP method that a route may use. */
export type Method = (typeof methods)[number]

/** A route as written in a contract: `GET /files/{id}`, `PUT /content/{path*}`. */
export type Route = `${Method} /${string}`

/** One segment of a route's path: a literal, a field of the input, or (last only) a field that takes the rest. */
export type Segment =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'rest'; readonly field: string }

/** A parsed route. */
export interface RoutePattern {
  readonly method: Method
  /** The path as written, `/files/{id}`. */
  readonly path: string
  readonly segments: readonly Segment[]
}

/** A parsed route, or a sentence that says what is wrong with it and what to write; the same in two parts. */
export type ParsedRoute =
  | { readonly ok: true; readonly value: RoutePattern }
  | { readonly ok: false; readonly message: string; readonly problem: string; readonly remedy: string }

const literalSegment = /^[A-Za-z0-9._~!$&'()+,;=:@-]+$/
const fieldSegment = /^\{([A-Za-z_][A-Za-z0-9_]*)(\*?)\}$/

/** Parses a route; never throws. */
export function parseRoute(route: string): ParsedRoute {
  const space = route.indexOf(' ')
  const method = route.slice(0, space)
  if (space < 0 || !isMethod(method))
    return wrong(
      route,
      `must start with one of ${methods.join(', ')} and a space`,
      `write it as in 'GET /greet/{name}'`,
    )
  const path = route.slice(space + 1)
  if (!path.startsWith('/'))
    return wrong(route, `has no path that starts with '/'`, `write it as in 'GET /greet/{name}'`)
  if (path === '/') return { ok: true, value: { method, path, segments: [] } }
  const parts = path.slice(1).split('/')
  const segments: Segment[] = []
  const seen = new Set<string>()
  for (const [index, part] of parts.entries()) {
    const field = fieldSegment.exec(part)
    if (field) {
      const [, name = '', rest] = field
      if (seen.has(name)) return wrong(route, `uses {${name}} twice`, 'give each segment its own field')
      seen.add(name)
      if (rest && index < parts.length - 1)
        return wrong(route, `has {${name}*} before its end`, 'let the field that takes the rest come last')
      segments.push(rest ? { kind: 'rest', field: name } : { kind: 'field', field: name })
    } else if (part === '') {
      return wrong(route, 'has an empty segment', `write a path without '//' and without a '/' at its end`)
    } else if (part === '.' || part === '..') {
      return wrong(route, `has the segment '${part}', which clients resolve away`, 'remove it')
    } else if (!literalSegment.test(part)) {
      const hint = /[{}]/.test(part)
        ? `let a field be a whole segment, as in '/{name}'`
        : `use letters, digits and -._~!$&'()+,;=:@ only`
      return wrong(route, `has the segment '${part}'`, hint)
    } else segments.push({ kind: 'literal', value: part })
  }
  if (parts[0] === '-')
    return wrong(route, `starts with '/-', which the platform keeps for itself`, 'use another prefix')
  return { ok: true, value: { method, path, segments } }
}

/** What {@link parseRoute} returns, or an Error with its sentence. */
export function mustParseRoute(route: string): RoutePattern {
  const parsed = parseRoute(route)
  if (!parsed.ok) throw new TypeError(parsed.message)
  return parsed.value
}

/**
 * Says whether two routes are ambiguous: some path matches both, and neither route is more specific than the other.
 * The more specific route wins when requests are matched, so `/users/me` beside `/users/{id}` is fine, while
 * `/a/{x}/c` beside `/a/b/{y}` is not. Returns a path that both match, as a witness.
 */
export function ambiguity(a: RoutePattern, b: RoutePattern): string | undefined {
  if (a.method !== b.method) return undefined
  const witness: string[] = []
  let aNarrower = false
  let bNarrower = false
  for (let i = 0; ; i++) {
    const left = a.segments[i]
    const right = b.segments[i]
    if (!left && !right) break
    if (left?.kind === 'rest' || right?.kind === 'rest') {
      // A rest takes one segment or more, so it never matches the end of the other path.
      if (!left || !right) return undefined
      if (left.kind !== right.kind) {
        if (left.kind === 'rest') bNarrower = true
        else aNarrower = true
      }
      const longer = left.kind === 'rest' ? b.segments.slice(i) : a.segments.slice(i)
      for (const segment of longer) witness.push(segment.kind === 'literal' ? segment.value : segment.field)
      break
    }
    if (!left || !right) return undefined
    if (left.kind === 'literal' && right.kind === 'literal') {
      if (left.value !== right.value) return undefined
      witness.push(left.value)
    } else if (left.kind === 'literal') {
      aNarrower = true
      witness.push(left.value)
    } else if (right.kind === 'literal') {
      bNarrower = true
      witness.push(right.value)
    } else witness.push(left.field)
  }
  if (aNarrower !== bNarrower) return undefined
  return `/${witness.join('/')}`
}

function isMethod(value: string): value is Method {
  return (methods as readonly string[]).includes(value)
}

function wrong(route: string, problem: string, remedy: string): ParsedRoute {
  return { ok: false, message: `route '${route}' ${problem}; ${remedy}`, problem, remedy }
}
