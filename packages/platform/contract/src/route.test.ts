import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ambiguity, mustParseRoute, parseRoute, type RoutePattern } from './route.ts'

const good: [route: string, kinds: string][] = [
  ['GET /', ''],
  ['GET /greet/{name}', 'literal:greet field:name'],
  ['PUT /content/{path*}', 'literal:content rest:path'],
  ['DELETE /{a}/{b}', 'field:a field:b'],
  ['POST /v1.2/a-b/~c/@d/e:f', 'literal:v1.2 literal:a-b literal:~c literal:@d literal:e:f'],
  ['PATCH /{_x9*}', 'rest:_x9'],
  ['GET /a/-/b', 'literal:a literal:- literal:b'],
]

const wrong: [route: string, message: RegExp][] = [
  ['', /must start with one of GET, POST/],
  ['GET', /must start with one of GET, POST/],
  ['/greet', /must start with one of GET, POST/],
  ['get /greet', /must start with one of GET, POST/],
  ['FETCH /greet', /; write it as in 'GET \/greet\/\{name\}'/],
  ['GET greet', /has no path that starts with '\/'/],
  ['GET  /greet', /has no path that starts with '\/'/],
  ['GET //', /empty segment/],
  ['GET /a//b', /empty segment/],
  ['GET /a/', /'\/' at its end/],
  ['GET /a/../b', /segment '\.\.', which clients resolve away/],
  ['GET /./b', /segment '\.'/],
  ['GET /{a}/{a}', /uses \{a\} twice/],
  ['GET /{a*}/b', /\{a\*\} before its end/],
  ['GET /x{a}', /let a field be a whole segment/],
  ['GET /{a}.json', /let a field be a whole segment/],
  ['GET /{}', /let a field be a whole segment/],
  ['GET /{9a}', /let a field be a whole segment/],
  ['GET /a b', /letters, digits and/],
  ['GET /a?b', /letters, digits and/],
  ['GET /a#b', /letters, digits and/],
  ['GET /a%20b', /letters, digits and/],
  ['GET /*', /letters, digits and/],
  ['GET /\u00e9', /letters, digits and/],
  ['GET /-/ready', /the platform keeps for itself/],
  ['GET /-', /the platform keeps for itself/],
]

describe('parsing', () => {
  it.each(good)('reads %s', (route, kinds) => {
    const parsed = parseRoute(route)
    if (!parsed.ok) throw new Error(parsed.message)
    const { method, path, segments } = parsed.value
    expect(`${method} ${path}`).toBe(route)
    expect(segments.map((s) => `${s.kind}:${s.kind === 'literal' ? s.value : s.field}`).join(' ')).toBe(kinds)
    expect(mustParseRoute(route)).toEqual(parsed.value)
  })

  it.each(wrong)('says what is wrong with %j', (route, message) => {
    const parsed = parseRoute(route)
    if (parsed.ok) throw new Error('was parsed')
    expect(parsed.message).toMatch(message)
    expect(parsed.message).toBe(`route '${route}' ${parsed.problem}; ${parsed.remedy}`)
    expect(() => mustParseRoute(route)).toThrow(parsed.message)
  })

  it('never throws, and what it accepts has the path it was given', () => {
    const almost = fc
      .tuple(
        fc.constantFrom('GET ', 'POST ', 'GET', ''),
        fc.array(fc.constantFrom(...'/{}*ab.-%? '), { maxLength: 12 }),
      )
      .map(([method, rest]) => `${method}${rest.join('')}`)
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), almost), (route) => {
        const parsed = parseRoute(route)
        if (!parsed.ok) {
          expect(parsed.message).toContain(route)
          return
        }
        const written = parsed.value.segments.map((s) =>
          s.kind === 'literal' ? s.value : s.kind === 'rest' ? `{${s.field}*}` : `{${s.field}}`,
        )
        expect(`${parsed.value.method} /${written.join('/')}`).toBe(route)
      }),
      { numRuns: 2000 },
    )
  })
})

/** The plainest matcher there is, to judge witnesses by. */
function matches(pattern: RoutePattern, path: string): boolean {
  const parts = path === '/' ? [] : path.slice(1).split('/')
  for (const [index, segment] of pattern.segments.entries()) {
    const part = parts[index]
    if (part === undefined) return false
    if (segment.kind === 'rest') return true
    if (segment.kind === 'literal' && part !== segment.value) return false
  }
  return parts.length === pattern.segments.length
}

const a = mustParseRoute

describe('ambiguity', () => {
  const ambiguous: [left: string, right: string, witness: string][] = [
    ['GET /a/{x}', 'GET /a/{y}', '/a/x'],
    ['GET /', 'GET /', '/'],
    ['GET /a/{x}/c', 'GET /a/b/{y}', '/a/b/c'],
    ['GET /{x}/b/{y*}', 'GET /a/{z*}', '/a/b/y'],
    ['GET /{x*}', 'GET /{y*}', '/y'],
    ['GET /a/{x*}', 'GET /{y}/b', '/a/b'],
  ]
  it.each(ambiguous)('finds a path for %s and %s', (left, right, witness) => {
    expect(ambiguity(a(left), a(right))).toBe(witness)
  })

  const clear: [left: string, right: string][] = [
    ['GET /users/me', 'GET /users/{id}'],
    ['GET /a/{x}', 'POST /a/{x}'],
    ['GET /a/{x}', 'GET /b/{x}'],
    ['GET /a', 'GET /a/b'],
    ['GET /a/{x*}', 'GET /a/{x}'],
    ['GET /a/{x*}', 'GET /a'],
    ['GET /{x*}', 'GET /'],
    ['GET /{x*}', 'GET /{x}/{y*}'],
    ['GET /{x*}', 'GET /a/b/c'],
  ]
  it.each(clear)('lets %s stand beside %s', (left, right) => {
    expect(ambiguity(a(left), a(right))).toBeUndefined()
    expect(ambiguity(a(right), a(left))).toBeUndefined()
  })

  // Few names, so that routes meet.
  const name = fc.constantFrom('a', 'b', 'c')
  const route = fc
    .tuple(
      fc.constantFrom('GET', 'POST'),
      fc.array(fc.tuple(fc.constantFrom('literal', 'field'), name), { maxLength: 4 }),
      fc.option(name),
    )
    .map(([method, parts, rest]) => {
      const written = parts.map(([kind, text], i) => (kind === 'literal' ? text : `{${text}${i}}`))
      if (rest) written.push(`{${rest}_*}`)
      return mustParseRoute(`${method} /${written.join('/')}`)
    })
  const path = fc.array(name, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
  const options = { numRuns: 5000 }

  /** All paths of up to five segments over three names: enough for routes of up to four segments and a rest. */
  const allPaths = ['/']
  for (let from = 0, depth = 0; depth < 5; depth++) {
    const end = allPaths.length
    for (; from < end; from++)
      for (const part of ['a', 'b', 'c'])
        allPaths.push(allPaths[from] === '/' ? `/${part}` : `${allPaths[from]}/${part}`)
  }

  it('is symmetric', () => {
    fc.assert(
      fc.property(route, route, (left, right) => {
        expect(ambiguity(left, right) === undefined).toBe(ambiguity(right, left) === undefined)
      }),
      options,
    )
  })

  it('holds between a route and itself', () => {
    fc.assert(fc.property(route, (one) => matches(one, ambiguity(one, one) ?? 'none')))
  })

  it('gives a witness that both routes match', () => {
    let found = 0
    fc.assert(
      fc.property(route, route, (left, right) => {
        const witness = ambiguity(left, right)
        if (witness === undefined) return
        found++
        expect(left.method).toBe(right.method)
        expect(matches(left, witness)).toBe(true)
        expect(matches(right, witness)).toBe(true)
      }),
      options,
    )
    expect(found).toBeGreaterThan(100)
  })

  it('where it gives none, one of two routes that match a path is more specific', () => {
    let met = 0
    fc.assert(
      fc.property(route, route, path, (left, right, at) => {
        if (left.method !== right.method || ambiguity(left, right) !== undefined) return
        if (!matches(left, at) || !matches(right, at)) return
        met++
        const onlyLeft = allPaths.some((p) => matches(left, p) && !matches(right, p))
        const onlyRight = allPaths.some((p) => matches(right, p) && !matches(left, p))
        expect(onlyLeft).not.toBe(onlyRight)
      }),
      { numRuns: 20_000 },
    )
    expect(met).toBeGreaterThan(100)
  })
})
