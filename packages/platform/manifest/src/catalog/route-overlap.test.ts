import { ambiguity, mustParseRoute } from '@atlas/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ambiguousPairs } from './route-overlap.ts'

const segment = fc.constantFrom('a', 'b', '{x}', '{y}')
const route = fc
  .tuple(fc.constantFrom('GET', 'PUT'), fc.uniqueArray(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([method, segments, rest]) => `${method} /${[...segments, ...(rest ? ['{rest*}'] : [])].join('/')}`)

it('finds the pairs that comparing each route with each finds', () => {
  fc.assert(
    fc.property(fc.array(route, { maxLength: 12 }), (routes) => {
      const placed = routes.map((text, index) => ({ index, pattern: mustParseRoute(text) }))
      const expected = placed.flatMap((b) =>
        placed
          .slice(0, b.index)
          .filter((a) => ambiguity(a.pattern, b.pattern) !== undefined)
          .map((a) => `${a.index} ${b.index}`),
      )
      const found = ambiguousPairs(placed).map(({ a, b }) => `${a.index} ${b.index}`)
      expect(found.sort()).toEqual(expected.sort())
    }),
  )
})
