import { ambiguity, parseRoute, type RoutePattern } from '@atlas/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRouter } from './router.ts'

function routerOf(...routes: string[]) {
  return createRouter(routes.map((route) => ({ pattern: patternOf(route), target: route })))
}

function patternOf(route: string): RoutePattern {
  const parsed = parseRoute(route)
  if (!parsed.ok) throw new TypeError(parsed.message)
  return parsed.value
}

describe('a router', () => {
  const router = routerOf(
    'GET /',
    'GET /users',
    'GET /users/me',
    'GET /users/{id}',
    'DELETE /users/{id}',
    'GET /users/{id}/posts/{post}',
    'GET /users/me/{what}',
    'GET /files/{path*}',
    'PUT /files/{path*}',
    'GET /files/special/{name}',
  )

  it.each([
    ['GET', '/', 'GET /', []],
    ['GET', '/users', 'GET /users', []],
    ['GET', '/users/me', 'GET /users/me', []],
    ['GET', '/users/7', 'GET /users/{id}', ['7']],
    ['DELETE', '/users/me', 'DELETE /users/{id}', ['me']],
    ['GET', '/users/me/likes', 'GET /users/me/{what}', ['likes']],
    ['GET', '/users/me/posts/1', 'GET /users/{id}/posts/{post}', ['me', '1']],
    ['GET', '/files/a/b', 'GET /files/{path*}', ['a/b']],
    ['GET', '/files/special/x', 'GET /files/special/{name}', ['x']],
    ['GET', '/files/special/x/y', 'GET /files/{path*}', ['special/x/y']],
    ['PUT', '/files/special/x', 'PUT /files/{path*}', ['special/x']],
    ['GET', '/users/a%2Fb', 'GET /users/{id}', ['a/b']],
    ['GET', '/us%65rs/%C3%BC', 'GET /users/{id}', ['ü']],
    ['GET', '/files//a', 'GET /files/{path*}', ['/a']],
    ['GET', '/files/a/', 'GET /files/{path*}', ['a/']],
    ['GET', '/users/a+b', 'GET /users/{id}', ['a+b']],
  ])('finds %s %s', (method, path, target, values) => {
    expect(router.find(method, path)).toEqual({ target, values })
  })

  it.each([
    ['GET', '/files'],
    ['GET', '/files/'],
    ['GET', '/users/'],
    ['GET', '//users'],
    ['GET', '/users/7/'],
    ['GET', '/Users'],
    ['POST', '/users'],
    ['GET', '/users/7/posts'],
    ['__proto__', '/users'],
  ])('finds nothing for %s %s', (method, path) => {
    expect(router.find(method, path)).toBeUndefined()
  })

  it('knows the methods of a path', () => {
    expect(router.allowed('/users/me')).toEqual(['DELETE', 'GET'])
    expect(router.allowed('/files/x')).toEqual(['GET', 'PUT'])
    expect(router.allowed('/files/')).toEqual([])
    expect(router.allowed('/nothing')).toEqual([])
  })

  it.each(['/users/%', '/users/%zz', '/users/%ff'])('refuses %s', (path) => {
    expect(() => router.find('GET', path)).toThrow(URIError)
  })

  it('finds the most specific of all routes that match, like a search through all of them', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const segment = fc.oneof(name, fc.constantFrom('{x}', '{y}', '{z}'))
    const route = fc
      .tuple(fc.constantFrom('GET', 'PUT'), fc.uniqueArray(segment, { maxLength: 3 }), fc.boolean())
      .map(([method, segments, rest]) => `${method} /${[...segments, ...(rest ? ['{r*}'] : [])].join('/')}`)
    const routes = fc
      .uniqueArray(route, { maxLength: 8 })
      .filter((all) =>
        all.every((one, i) =>
          all.slice(i + 1).every((two) => ambiguity(patternOf(one), patternOf(two)) === undefined),
        ),
      )
    const path = fc.array(name, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`)
    fc.assert(
      fc.property(routes, fc.constantFrom('GET', 'PUT'), path, (all, method, asked) => {
        const matching = all.filter(
          (one) => patternOf(one).method === method && matches(patternOf(one), asked),
        )
        const best = matching.find((one) =>
          matching.every((two) => one === two || !isNarrower(patternOf(two), patternOf(one))),
        )
        expect(routerOf(...all).find(method, asked)?.target).toBe(best)
      }),
      { numRuns: 2000 },
    )
  })
})

/** The same question, asked of one route in the plainest way. */
function matches({ segments }: RoutePattern, path: string): boolean {
  const parts = path === '/' ? [] : path.slice(1).split('/')
  const rest = segments.at(-1)?.kind === 'rest'
  if (rest ? parts.length < segments.length : parts.length !== segments.length) return false
  return segments.every((segment, i) => segment.kind !== 'literal' || segment.value === parts[i])
}

const order = ['literal', 'field', 'rest']

function isNarrower(a: RoutePattern, b: RoutePattern): boolean {
  for (const [i, segment] of a.segments.entries()) {
    const difference = order.indexOf(segment.kind) - order.indexOf(b.segments[i]?.kind ?? 'rest')
    if (difference !== 0) return difference < 0
  }
  return false
}
