import { expect, it } from 'vitest'
import { createTurnBudget } from './turn-budget.ts'

it('is spent when a turn takes long, and there again in the next', () => {
  let now = 0
  const ends: (() => void)[] = []
  const budget = createTurnBudget(
    75,
    () => now,
    (end) => ends.push(end),
  )
  expect(budget.spent(1)).toBe(false)
  now = 74
  expect(budget.spent(1)).toBe(false)
  now = 75
  expect(budget.spent(1)).toBe(true)
  expect(ends).toHaveLength(1)
  ends.pop()!()
  expect(budget.spent(1)).toBe(false)
  now = 149
  expect(budget.spent(1)).toBe(false)
})

it('lets some in in each turn, however late it is', () => {
  let now = 0
  let end = () => {}
  const budget = createTurnBudget(
    75,
    () => now,
    (callback) => {
      end = callback
    },
  )
  for (let turn = 0; turn < 3; turn++) {
    const spent = Array.from({ length: 7 }, () => {
      now += 100
      return budget.spent(5)
    })
    expect(spent).toEqual([false, false, false, false, false, true, true])
    end()
  }
})

it('ends with the turns of the real loop', async () => {
  const budget = createTurnBudget(1)
  for (let turn = 0; turn < 3; turn++) {
    expect(budget.spent(1)).toBe(false)
    const until = performance.now() + 2
    while (performance.now() < until);
    expect(budget.spent(1)).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
  }
})
