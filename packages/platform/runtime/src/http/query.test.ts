import { AtlasError, bindingOf, endpoint } from '@atlas/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { readQuery } from './query.ts'

const fields = new Map(
  bindingOf(
    endpoint({
      route: 'GET /',
      input: z.object({
        a: z.string(),
        n: z.number(),
        on: z.boolean(),
        list: z.array(z.string()),
        toString: z.string(),
      }),
    }),
  ).query.map((field) => [field.name, field]),
)

function read(query: string): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  readQuery(query, fields, input)
  return input
}

describe('a query', () => {
  it.each([
    ['', { list: [] }],
    ['a=1&n=1&on=true', { a: '1', n: 1, on: true, list: [] }],
    ['n=0x10&on=yes', { n: '0x10', on: 'yes', list: [] }],
    ['list=1&list=&list', { list: ['1', '', ''] }],
    ['a', { a: '', list: [] }],
    ['a=b=c', { a: 'b=c', list: [] }],
    ['a=x+y%2Bz', { a: 'x y+z', list: [] }],
    ['%61=1', { a: '1', list: [] }],
    ['&&a=1&', { a: '1', list: [] }],
    ['unknown=1&unknown=2&unknown=%ff', { list: [] }],
    ['__proto__=1&constructor=2', { list: [] }],
    ['toString=1', { toString: '1', list: [] }],
  ])('%j is read', (query, input) => {
    expect(read(query)).toEqual(input)
  })

  it('with a single value twice is refused', () => {
    expect(() => read('a=1&n=2&a=3&n=4')).toThrow(AtlasError)
    try {
      read('a=1&n=2&a=3&n=4')
    } catch (error) {
      expect((error as AtlasError).data).toMatchObject({ issues: [{ path: 'a' }, { path: 'n' }] })
    }
  })

  it.each(['a=%', 'a=%f', 'a=%ff', '%=1'])('%j is refused', (query) => {
    expect(() => read(query)).toThrow(URIError)
  })

  it('is read as URLSearchParams does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'list', 'b'), fc.string({ unit: 'binary' }))),
        (pairs) => {
          const single = pairs.filter(
            ([name], index) => name === 'list' || pairs.findIndex(([n]) => n === name) === index,
          )
          const params = new URLSearchParams(single)
          expect(read(params.toString())).toEqual({
            ...(params.has('a') ? { a: params.get('a') } : {}),
            list: params.getAll('list'),
          })
        },
      ),
    )
  })
})
