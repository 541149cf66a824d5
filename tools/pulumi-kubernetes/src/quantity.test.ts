import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalQuantity } from './quantity.ts'

// As an API server of Kubernetes 1.36 answered.
test.each([
  ['0.5', '500m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['1', '1'],
  ['1000', '1k'],
  ['1024Mi', '1Gi'],
  ['0.5Gi', '512Mi'],
  ['1500Mi', '1500Mi'],
  ['128974848', '128974848'],
  ['1e3', '1e3'],
  ['129e6', '129e6'],
  ['0', '0'],
  ['0Mi', '0'],
  ['.5', '500m'],
  ['100Ki', '100Ki'],
  ['0.0005', '500u'],
  ['-1.5', '-1500m'],
])('writes %s as %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical))

test.each(['', 'x', '1Zi', '1 Gi', '1.2.3', 'Mi'])('leaves %j, which is no quantity, as it is', (text) => {
  expect(canonicalQuantity(text)).toBe(text)
})

test('has nothing to do a second time', () => {
  const suffix = fc.constantFrom(
    '',
    'n',
    'u',
    'm',
    'k',
    'M',
    'G',
    'T',
    'Ki',
    'Mi',
    'Gi',
    'Ti',
    'e3',
    'e-3',
    'E6',
  )
  const digits = fc.oneof(
    fc.nat(5_000_000).map(String),
    fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => `${a}.${b}`),
  )
  fc.assert(
    fc.property(digits, suffix, (number, unit) => {
      const once = canonicalQuantity(`${number}${unit}`)
      expect(canonicalQuantity(once)).toBe(once)
    }),
  )
})
