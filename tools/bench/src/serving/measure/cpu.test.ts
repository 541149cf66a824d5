import { expect, test } from 'vitest'
import { busySecondsIn, cpuSecondsIn, cpuSecondsOf, Others } from './cpu.ts'

test('reads what a process used, whatever it is called', () => {
  const stat = '42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 30 20 20 0 1 0 100'
  expect(cpuSecondsIn(stat)).toEqual({ own: 2, ofChildren: 0.5 })
})

test('reads what the cores did, without idling, waiting and interrupts', () => {
  expect(busySecondsIn('cpu  100 20 30 4000 50 60 70 5 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10')).toBe(1.55)
})

test('counts this process, and not as others', () => {
  const before = cpuSecondsOf(process.pid)
  const others = new Others([])
  let state = 1
  const until = performance.now() + 300
  while (performance.now() < until) state = Math.imul(state, 3)
  expect(state).not.toBe(0)
  expect(cpuSecondsOf(process.pid)).toBeGreaterThan(before)
  expect(others.percentOfCore()).toBeGreaterThanOrEqual(0)
})
