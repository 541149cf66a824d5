import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Counts, closingLine, packageLine, parsePackageLine, sum } from './counts.ts'

const counts = fc.record({ passed: fc.nat(), failed: fc.nat(), skipped: fc.nat() })

test('says skipped only when a test was', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})

test('reads back every line of a package that it writes', () => {
  fc.assert(
    fc.property(fc.constantFrom('@atlas/contract', '@acme/greeter', 'plain'), counts, (name, counts) => {
      expect(parsePackageLine(packageLine(name, counts))).toEqual({ name, counts })
    }),
  )
})

test.each([
  '3 passed, 0 failed',
  'Tests  3 passed (3)',
  '@atlas/x: 3 passed, 0 failed',
  'about @atlas/x: 3 passed, 0 failed, 0 skipped, or so',
])('takes %j for no line of a package', (line) => {
  expect(parsePackageLine(line)).toBeUndefined()
})

test('sums each column', () => {
  const list: Counts[] = [
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ]
  expect(sum(list)).toEqual({ passed: 11, failed: 22, skipped: 33 })
  expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: 0 })
})
