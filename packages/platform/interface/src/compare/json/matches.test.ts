import { expect, it } from 'vitest'
import { effort, within } from '../effort.ts'
import { matches } from './matches.ts'

it('matches no text for which an expression takes too long, and leaves later bounds as they are', () => {
  const [slow, text] = [/^(a+)+$/u, `${'a'.repeat(40)}!`]
  expect(matches(slow, text)).toBe(false)
  expect(within(10, () => matches(slow, text)).ok).toBe(false)
  expect(within(10, () => effort(11)).ok).toBe(false)
  expect(within(10, () => effort(9)).ok).toBe(true)
  expect(matches(slow, 'a'.repeat(15))).toBe(true)
})
