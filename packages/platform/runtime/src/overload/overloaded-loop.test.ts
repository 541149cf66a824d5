import { describe, expect, it } from 'vitest'
import { type LoopScenario, simulateLoop } from './testing/event-loop-simulation.ts'

// In virtual time from a seed: the figures are the same on every machine.

const base = { durationMs: 12_000, patienceMs: 1000, refusalMs: 0.04 } as const

/** Goodput at three times what the loop can do, as a share of that. */
async function shareAt3x(
  scenario: Pick<LoopScenario, 'seed' | 'waitMs' | 'computeMs' | 'away'>,
): Promise<number> {
  const { computeMs, away } = scenario
  const perSecond = (1000 / computeMs) * (away ? away.everyMs / (away.everyMs + away.forMs) : 1)
  const result = await simulateLoop({ ...base, ...scenario, arrivalsPerSecond: 3 * perSecond })
  return result.goodPerSecond(2000, 10_000) / perSecond
}

/** The most that is left where a refusal costs a share of a request: `g` answers and `3 - g` refusals fill the capacity. */
function bound(computeMs: number): number {
  const share = base.refusalMs / computeMs
  return (1 - 3 * share) / (1 - share)
}

describe('a process with one event loop, asked for three times what it can do', () => {
  it.each([
    ['handlers that wait 5 ms and compute for 2 ms', 5, 2],
    ['handlers that wait 5 ms and compute for 0.75 ms', 5, 0.75],
  ])('answers nearly all that it can in time: %s', async (_, waitMs, computeMs) => {
    for (const seed of [1, 2, 3])
      expect(await shareAt3x({ seed, waitMs, computeMs })).toBeGreaterThanOrEqual(0.95 * bound(computeMs))
  })

  it.each([
    ['half of its processor', 20, 0.9],
    ['most of its processor', 130, 0.5],
  ])('does so where others have %s', async (_, forMs, least) => {
    const away = { everyMs: 20, forMs }
    for (const seed of [1, 2, 3])
      expect(await shareAt3x({ seed, waitMs: 5, computeMs: 2, away })).toBeGreaterThanOrEqual(least)
  })
})
