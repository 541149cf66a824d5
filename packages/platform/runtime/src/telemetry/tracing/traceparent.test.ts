import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const notZero = (text: string) => /[^0]/.test(text)
const traceId = hex(32).filter(notZero)
const spanId = hex(16).filter(notZero)

/** The rules of the specification, as an expression: what we do not use, as it makes strings. */
const valid =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:(?<!^00.{53})-.*)?$/s

describe('traceparent', () => {
  it('is written as it was read, with the flags that are known', () => {
    fc.assert(
      fc.property(traceId, spanId, fc.nat({ max: 255 }), (trace, span, flags) => {
        const parsed = parseTraceparent(`00-${trace}-${span}-${flags.toString(16).padStart(2, '0')}`)
        expect(formatTraceparent(parsed!)).toBe(`00-${trace}-${span}-0${flags & 3}`)
      }),
    )
  })

  it('of a later version is read as far as this one knows it', () => {
    const later = hex(2).filter((version) => version !== '00' && version !== 'ff')
    const more = fc.oneof(
      fc.constant(''),
      fc.string().map((text) => `-${text}`),
    )
    fc.assert(
      fc.property(later, traceId, spanId, more, (version, trace, span, rest) => {
        const parsed = parseTraceparent(`${version}-${trace}-${span}-01${rest}`)
        expect(formatTraceparent(parsed!)).toBe(`00-${trace}-${span}-01`)
      }),
    )
  })

  it('is read exactly when the rules say so, whatever is done to one that is right', () => {
    const right = fc.tuple(hex(2), traceId, spanId, hex(2)).map((parts) => parts.join('-'))
    const characters = fc.constantFrom(...'0123456789abcdefABCDEFgG-_. \t,;\u0000é')
    const edited = fc
      .tuple(right, fc.nat({ max: 60 }), fc.nat({ max: 3 }), fc.string({ unit: characters, maxLength: 4 }))
      .map(([text, at, removed, inserted]) => text.slice(0, at) + inserted + text.slice(at + removed))
    const zeroed = fc.constantFrom(
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    )
    fc.assert(
      fc.property(fc.oneof(right, edited, zeroed, fc.string()), (header) => {
        expect([header, parseTraceparent(header) !== undefined]).toEqual([header, valid.test(header)])
      }),
      { numRuns: 5000 },
    )
  })

  // Of https://github.com/w3c/trace-context/blob/main/test/test.py
  const trace = '12345678901234567890123456789012'
  it.each([
    ['two headers', `00-${trace}-1234567890123456-01, 00-${trace}-1234567890123456-01`],
    ['something after version 00', `00-${trace}-1234567890123456-01.`],
    ['a field after version 00', `00-${trace}-1234567890123456-01-what-the-future-will-be-like`],
    ['no dash after a later version', `cc-${trace}-1234567890123456-01.what-the-future-will-be-like`],
    ['the version ff', `ff-${trace}-1234567890123456-01`],
    ['a version that is no hex', `.0-${trace}-1234567890123456-01`],
    ['a long version', `000-${trace}-1234567890123456-01`],
    ['a short version', `0-${trace}-1234567890123456-01`],
    ['a long trace id', `00-${trace}3-1234567890123456-01`],
    ['a short parent id', `00-${trace}-123456789012345-01`],
    ['flags that are no hex', `00-${trace}-1234567890123456-.0`],
    ['long flags', `00-${trace}-1234567890123456-001`],
    ['short flags', `00-${trace}-1234567890123456-1`],
    ['capitals', `00-${trace.replace('1', 'A')}-1234567890123456-01`],
  ])('with %s begins a new trace', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})
