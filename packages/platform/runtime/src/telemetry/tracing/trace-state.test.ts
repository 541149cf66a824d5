import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TraceState } from './trace-state.ts'

const keyCharacters = [...'abcdefghijklmnopqrstuvwxyz0123456789_-*/@']
const key = fc
  .tuple(
    fc.constantFrom(...keyCharacters.slice(0, 36)),
    fc.string({ unit: fc.constantFrom(...keyCharacters), maxLength: 255 }),
  )
  .map((parts) => parts.join(''))
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
const value = fc
  .string({
    unit: fc.constantFrom(...printable.filter((one) => one !== ',' && one !== '=')),
    minLength: 1,
    maxLength: 256,
  })
  .filter((text) => !text.endsWith(' '))
const members = fc.uniqueArray(fc.tuple(key, value), { maxLength: 32, selector: ([name]) => name })
const space = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 })

describe('tracestate', () => {
  it('is passed on as it came, without the spaces around its members', () => {
    fc.assert(
      fc.property(members, space, space, (list, before, after) => {
        // A value may begin with spaces, which are its own.
        const header = list.map(([name, text]) => `${before}${name}=${text}${after}`).join(',')
        const serialized = list.map(([name, text]) => `${name}=${text}`).join(',')
        expect(TraceState.parse(header)?.serialize()).toBe(serialized)
      }),
    )
  })

  it('puts what changed in front, and forgets the last of 33', () => {
    fc.assert(
      fc.property(members, key, value, (list, name, text) => {
        const state = new TraceState(new Map(list)).set(name, text)
        expect(state.get(name)).toBe(text)
        const rest = list.filter(([other]) => other !== name).slice(0, 31)
        expect(state.serialize()).toBe([[name, text], ...rest].map((pair) => pair.join('=')).join(','))
        expect(state.unset(name).get(name)).toBeUndefined()
      }),
    )
  })

  it('does not change', () => {
    const state = TraceState.parse('a=1,b=2')!
    state.set('a', '3').unset('b')
    expect(state.serialize()).toBe('a=1,b=2')
  })

  it.each([
    ['a space before the equals sign', 'foo =1'],
    ['capitals', 'FOO=1'],
    ['a dot', 'foo.bar=1'],
    ['an at sign in front', '@foo=1,bar=2'],
    ['two equals signs', 'foo=bar=baz'],
    ['an empty value', 'foo=,bar=3'],
    ['no value', 'foo'],
    ['a key of 257', `foo=1,${'z'.repeat(257)}=1`],
    ['a value of 257', `foo=${'1'.repeat(257)}`],
    ['33 members', Array.from({ length: 33 }, (_, index) => `bar${index}=1`).join(',')],
    ['a control character', 'foo=\u0001'],
  ])('with %s is dropped', (_, header) => {
    expect(TraceState.parse(header)).toBeUndefined()
  })

  it.each([
    ['nothing', '', ''],
    ['empty members, of joined headers', ', foo=1,,\t,bar=2,', 'foo=1,bar=2'],
    ['a key twice: the front is later', 'foo=1,bar=2,foo=3', 'foo=1,bar=2'],
    ['at signs', 'foo@=1,foo@@bar=1,foo@bar@baz=1', 'foo@=1,foo@@bar=1,foo@bar@baz=1'],
    ['a space at the start of a value', 'foo= 1', 'foo= 1'],
  ])('with %s is read', (_, header, expected) => {
    expect(TraceState.parse(header)?.serialize()).toBe(expected)
  })
})
