import { describe, expect, it } from 'vitest'
import { createAdmission } from './admission.ts'
import { GradientLimit } from './gradient-limit.ts'
import { logNormal } from './testing/random.ts'
import { quantile, type Result, type Scenario, simulate } from './testing/server-simulation.ts'

// Everything here runs in virtual time from a seed: the figures are the same on every machine.

/** Four workers and 10 ms of work: a capacity of 400 a second. */
const server = {
  workers: 4,
  workMs: (random: () => number) => logNormal(random, 10, 0.5),
  patienceMs: 500,
} satisfies Partial<Scenario>

const capacity = 400

const admission: NonNullable<Scenario['admission']> = (clock, random) =>
  createAdmission({ clock, random, limit: new GradientLimit({ random }) })

const seconds = (count: number) => count * 1000

/** Answers in time, as a share of what the server can do. */
function goodput({ good }: Result, fromMs: number, toMs: number, perSecond: number): number {
  return good / ((toMs - fromMs) / 1000) / perSecond
}

/** Runs a scenario, and notes the limit ten times a second. */
async function run(scenario: Scenario) {
  const limits: number[] = []
  const resultOf = await simulate({
    ...scenario,
    observe: (_, gate) => {
      if (gate) limits.push(gate.limit)
    },
  })
  return {
    resultOf,
    goodput: (fromMs: number, toMs: number, perSecond = capacity) =>
      goodput(resultOf(fromMs, toMs), fromMs, toMs, perSecond),
    medianLimit: (fromMs: number, toMs: number) =>
      quantile(
        limits.slice(fromMs / 100, toMs / 100).sort((one, other) => one - other),
        0.5,
      ),
  }
}

describe('at three times the capacity', () => {
  it('a server that takes on everything answers nobody in time', async () => {
    const { resultOf, goodput } = await run({
      ...server,
      seed: 1,
      durationMs: seconds(31),
      arrivalsPerSecond: () => 3 * capacity,
    })
    expect(goodput(seconds(1), seconds(30))).toBe(0)
    expect(resultOf(0, seconds(10)).wasted).toBeGreaterThan(9 * capacity)
  })

  it.each([
    { name: 'four workers, 10 ms', workers: 4, meanMs: 10, spread: 0.5, patienceMs: 500, p99Ms: 250 },
    { name: 'one event loop, 5 ms', workers: 1, meanMs: 5, spread: 0.5, patienceMs: 250, p99Ms: 240 },
    {
      name: 'one event loop, 1 ms, hasty callers',
      workers: 1,
      meanMs: 1,
      spread: 1,
      patienceMs: 100,
      p99Ms: 95,
    },
    { name: 'work that varies a lot', workers: 4, meanMs: 10, spread: 1.3, patienceMs: 500, p99Ms: 350 },
    {
      name: 'a hundred workers, 100 ms',
      workers: 100,
      meanMs: 100,
      spread: 0.5,
      patienceMs: 1000,
      p99Ms: 500,
    },
  ])(
    'most of the capacity goes into answers in time: $name',
    async ({ workers, meanMs, spread, patienceMs, p99Ms }) => {
      const perSecond = (workers / meanMs) * 1000
      for (const seed of [1, 2]) {
        const { resultOf, goodput } = await run({
          seed,
          workers,
          workMs: (random) => logNormal(random, meanMs, spread),
          patienceMs,
          durationMs: seconds(12),
          arrivalsPerSecond: () => 3 * perSecond,
          admission,
        })
        const { latenciesMs } = resultOf(0, seconds(10))
        expect(goodput(0, seconds(10), perSecond)).toBeGreaterThanOrEqual(0.9)
        expect(quantile(latenciesMs, 0.99)).toBeLessThan(p99Ms)
      }
    },
  )

  it('what it costs to refuse is what is missing, and no more', async () => {
    // g answers and 3 - g refusals at a tenth of the work fill the capacity when g = 7/9.
    const { goodput } = await run({
      ...server,
      seed: 1,
      durationMs: seconds(32),
      arrivalsPerSecond: () => 3 * capacity,
      refusalMs: 1,
      admission,
    })
    expect(goodput(seconds(2), seconds(30))).toBeGreaterThan(0.95 * (7 / 9))
  })
})

describe('the limit', () => {
  it('refuses nobody below the capacity', async () => {
    const { resultOf } = await run({
      ...server,
      seed: 2,
      durationMs: seconds(62),
      arrivalsPerSecond: () => 0.7 * capacity,
      admission,
    })
    const { good, arrived } = resultOf(0, seconds(60))
    expect(good).toBe(arrived)
  })

  it('comes near what the server can do at once, after a step of the load', async () => {
    const { goodput, medianLimit, resultOf } = await run({
      ...server,
      seed: 3,
      durationMs: seconds(92),
      arrivalsPerSecond: (nowMs) => (nowMs > seconds(30) && nowMs < seconds(60) ? 3 : 0.5) * capacity,
      admission,
    })
    expect(goodput(seconds(30), seconds(60))).toBeGreaterThan(0.95)
    // 1.5 times as slow with 1.5 times the workers, and a few more.
    expect(medianLimit(seconds(45), seconds(60))).toBeGreaterThanOrEqual(server.workers)
    expect(medianLimit(seconds(45), seconds(60))).toBeLessThan(6 * server.workers)
    const after = resultOf(seconds(65), seconds(90))
    expect(after.good).toBe(after.arrived)
  })

  it('does not creep up under overload that lasts', async () => {
    const { goodput, medianLimit } = await run({
      ...server,
      seed: 4,
      durationMs: seconds(122),
      arrivalsPerSecond: () => 1.5 * capacity,
      admission,
    })
    expect(medianLimit(seconds(90), seconds(120))).toBeLessThan(6 * server.workers)
    expect(goodput(seconds(90), seconds(120))).toBeGreaterThan(0.95)
  })

  it('follows a server that becomes half as fast, and back', async () => {
    const { goodput } = await run({
      ...server,
      seed: 5,
      durationMs: seconds(92),
      workMs: (random, nowMs) => logNormal(random, nowMs > seconds(30) && nowMs < seconds(60) ? 20 : 10, 0.5),
      arrivalsPerSecond: () => 3 * capacity,
      admission,
    })
    expect(goodput(seconds(31), seconds(59))).toBeGreaterThan(0.45)
    expect(goodput(seconds(61), seconds(90))).toBeGreaterThan(0.95)
  })

  it('recovers when something else becomes slow, which fewer requests would not make faster', async () => {
    const perSecond = 1000
    const { goodput, resultOf } = await run({
      seed: 6,
      workers: 1000,
      workMs: () => 1,
      awayMs: (nowMs) => (nowMs > seconds(20) ? 200 : 50),
      patienceMs: seconds(2),
      durationMs: seconds(62),
      arrivalsPerSecond: () => perSecond,
      admission,
    })
    expect(goodput(0, seconds(20), perSecond)).toBeGreaterThan(0.95)
    expect(goodput(seconds(20), seconds(30), perSecond)).toBeGreaterThan(0.8)
    const after = resultOf(seconds(30), seconds(60))
    expect(after.good).toBe(after.arrived)
  })
})
