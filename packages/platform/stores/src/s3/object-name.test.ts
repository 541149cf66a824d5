import { compareKeys } from '@atlas/sdk'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyOfObject, objectName } from './object-name.ts'

const letter = fc.constantFrom('a', 'b', '.', '/', '0', '-', '!', '~', '+', '[', '\\', ']', 'é', '\u{1f4c1}')
const key = fc.string({ unit: letter, minLength: 1, maxLength: 400 })

it('a key comes back from its name', () => {
  fc.assert(
    fc.property(key, (each) => {
      expect(keyOfObject(objectName(each))).toBe(each)
    }),
  )
})

it('names are in the order of keys, whatever they begin with', () => {
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 300 }), key, key, (start, one, other) => {
      const [a, b] = [start + one, start + other]
      expect(Math.sign(compareKeys(objectName(a), objectName(b)))).toBe(Math.sign(compareKeys(a, b)))
    }),
  )
})

it('the name of what a key starts with starts its name', () => {
  fc.assert(
    fc.property(key, key, (start, rest) => {
      expect(objectName(start + rest).startsWith(objectName(start))).toBe(true)
    }),
  )
})

it('every piece of a name fits into the name of a file, and the longest name into an object store', () => {
  for (const each of ['/', '.', 'x', 'ü', '\u{1f4c1}', '[']) {
    const longest = each.repeat(Math.floor(400 / Buffer.byteLength(each)))
    for (const piece of objectName(longest).split('/')) expect(Buffer.byteLength(piece)).toBeLessThan(256)
    expect(Buffer.byteLength(objectName(longest))).toBeLessThanOrEqual(820)
  }
})

it.each(['a/b', 'a.b', '.', 'x'.repeat(300), `${'x'.repeat(100)}+/x`])('%s is the name of no key', (name) => {
  expect(keyOfObject(name)).toBeUndefined()
})
