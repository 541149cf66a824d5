import { expect, test } from 'vitest'
import { endpointsOfResource, type Flavour, generate } from './generate.ts'

const size = { servlets: 3, resources: 2 }
const count = (flavour: Flavour, pattern: RegExp): number =>
  [...generate(size, flavour).values()].join('\n').match(pattern)?.length ?? 0

test('every flavour has the same endpoints', () => {
  const endpoints = size.servlets * size.resources * endpointsOfResource
  expect(count('atlas', /: endpoint\(/g)).toBe(endpoints)
  expect(count('atlas', /: async \(input, ctx\)/g)).toBe(endpoints)
  expect(count('plain handlers', /^export async function /gm)).toBe(endpoints)
  expect(count('zod alone', /^export const \w+Input = /gm)).toBe(endpoints)
})

test('every flavour has the same schemas: each object, one for each typed error, one for each page', () => {
  const objects = count('zod alone', /z\.object\(/g)
  expect(count('plain handlers', /z\.object\(/g)).toBe(objects)
  const shorthands = count('atlas', /error\('/g) + count('atlas', /page\(/g)
  expect(count('atlas', /z\.object\(/g) + shorthands).toBe(objects)
})

test('the same size is the same text', () => {
  expect(generate(size, 'atlas')).toEqual(generate(size, 'atlas'))
})
