import { expect, it } from 'vitest'
import { Freezes } from './freezes.ts'

// shop calls cart, cart calls stock; blog is alone.
const calls = { shop: ['cart'], cart: ['stock'], stock: [], blog: [] }
const all = Object.keys(calls)

it('callers of what is frozen wait, directly and through others, where it is frozen and nowhere else', () => {
  const freezes = new Freezes(calls)
  freezes.keep('production', 'stock', 'stock')
  expect([...freezes.waiting('production', all)]).toEqual([
    ['cart', 'stock'],
    ['shop', 'stock'],
  ])
  expect(freezes.waiting('staging', all).size).toBe(0)
  freezes.free('production', ['stock'])
  expect(freezes.waiting('production', all).size).toBe(0)
})

it('who is called waits for a caller that its wave came after, and not for one of an earlier run', () => {
  const freezes = new Freezes(calls)
  freezes.begin()
  freezes.keep('production', 'cart', 'cart')
  expect([...freezes.waiting('production', ['stock', 'blog'])]).toEqual([
    ['shop', 'cart'],
    ['stock', 'cart'],
  ])
  freezes.begin()
  expect([...freezes.waiting('production', ['stock', 'blog'])]).toEqual([['shop', 'cart']])
})

it('circles end', () => {
  const freezes = new Freezes({ a: ['b'], b: ['a'] })
  freezes.keep('production', 'a', 'a')
  expect([...freezes.waiting('production', ['a', 'b'])]).toEqual([['b', 'a']])
})
