import { expect, test } from 'vitest'
import { duration } from './progress.ts'

test.each([
  [0, '0s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [75, '1m15s'],
  [3_600, '60m00s'],
])('says %d seconds as %s', (seconds, text) => expect(duration(seconds)).toBe(text))
