import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { isRecursive, maxNesting, nestsDeeper } from './nesting.ts'
import { parserOf } from './parser.ts'

const Getters = z.object({
  name: z.string(),
  get inner() {
    return z.array(Getters).optional()
  },
})
const Lazy: z.ZodType = z.lazy(() => z.union([z.string(), z.record(z.string(), Lazy)]))
const Leaf = z.object({ a: z.string() })

describe('isRecursive', () => {
  it.each([
    ['an object with a getter', Getters],
    ['z.lazy()', Lazy],
    ['any JSON', z.json()],
    ['one of these inside', z.object({ deep: z.tuple([z.string(), Lazy.nullable()]) })],
  ])('is true of %s', (_, schema) => expect(isRecursive(schema)).toBe(true))

  it.each([
    ['a string', z.string()],
    ['an object twice', z.object({ a: Leaf, b: z.array(Leaf), c: z.record(z.string(), Leaf) })],
    ['a lazy schema of something else', z.lazy(() => Leaf)],
  ])('is false of %s', (_, schema) => expect(isRecursive(schema)).toBe(false))
})

function nested(depth: number): unknown {
  let value: unknown = 'leaf'
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value }
  return value
}

describe('nestsDeeper', () => {
  it.each([0, 1, 7, 256])('counts %i levels', (depth) => {
    expect(nestsDeeper(nested(depth), depth)).toBe(false)
    expect(nestsDeeper(nested(depth + 1), depth)).toBe(true)
  })

  it('takes a hundred thousand levels, and a value that contains itself', () => {
    expect(nestsDeeper(nested(100_000), maxNesting)).toBe(true)
    const ring: unknown[] = []
    ring.push(ring)
    expect(nestsDeeper(ring, maxNesting)).toBe(true)
  })
})

it('a value that a recursive parser lets through can be parsed again and written, wherever the stack is', () => {
  const parse = parserOf(z.json())
  for (let depth = 0; depth <= 3000; depth += 25) {
    const parsed = parse(nested(depth))
    expect(parsed.ok).toBe(depth <= maxNesting)
  }
  const deepest = parse(nested(maxNesting))
  if (!deepest.ok) throw new Error('was refused')
  const under = (frames: number): unknown =>
    frames > 0 ? [under(frames - 1)][0] : [parse(deepest.value).ok, JSON.stringify(deepest.value).length]
  expect(under(2000)).toEqual(under(0))
})
