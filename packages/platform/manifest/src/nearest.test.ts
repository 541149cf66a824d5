import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'

it.each([
  { name: 'a swap', typed: 'onwer', meant: 'owner' },
  { name: 'a missing letter', typed: 'stors', meant: 'stores' },
  { name: 'another case', typed: 'Config', meant: 'config' },
  { name: 'a hyphen', typed: 'roll-out', meant: 'rollout' },
  { name: 'nothing near', typed: 'schedule', meant: undefined },
])('finds what was meant by $name', ({ typed, meant }) => {
  expect(nearest(typed, ['owner', 'stores', 'config', 'secrets', 'rollout'])).toBe(meant)
})
