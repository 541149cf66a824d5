import { expect, it } from 'vitest'
import type { Shot } from '../tools/vegeta.ts'
import { overloadOf, patienceMs } from './overload.ts'

/** So many a second for four seconds, evenly, answered as told. */
function shots(perSecond: number, answer: (number: number, atMs: number) => Partial<Shot>): Shot[] {
  return Array.from({ length: 4 * perSecond }, (_, number) => {
    const atMs = (number * 1000) / perSecond
    return { atMs, status: 200, latencyMs: 10, bytes: 100, ...answer(number, atMs) }
  })
}

it('counts right answers in time, of what was sent after the first quarter, against what can be done', () => {
  const sent = shots(300, (number, atMs) => {
    if (atMs < 1000) return { status: 0, latencyMs: 5000 }
    if (number % 3 === 0) return {}
    return number % 3 === 1 ? { status: 429 } : { latencyMs: patienceMs + 1 }
  })
  expect(overloadOf(sent, 100, 4)).toMatchObject({
    capacity: 100,
    sentTimes: 3,
    goodput: 100,
    goodputShare: 1,
    refusedShare: 0.333,
    p99Ms: patienceMs + 1,
  })
})

it('does not count what is wrong, late or not answered', () => {
  for (const answer of [{ status: 500 }, { status: 0 }, { latencyMs: patienceMs + 1 }]) {
    const sent = shots(10, () => answer)
    expect(overloadOf(sent, 10, 4)).toMatchObject({ goodput: 0, goodputShare: 0 })
  }
})
