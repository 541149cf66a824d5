import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../simulate/random.ts'
import { combine } from './combine.ts'
import { compensation, stakeOf } from './compensator.ts'
import { Dispersion } from './dispersion.ts'
import { RateBelow } from './rate-mixture.ts'
import { harmlessBets, RatioMixture, regressionBets } from './ratio-mixture.ts'
import { SignMixture } from './sign-mixture.ts'

const tick = fc.tuple(
  fc.nat({ max: 30 }),
  fc.nat({ max: 100 }),
  fc.double({ min: 0.001, max: 0.999, noNaN: true }),
)
const ticks = fc.array(tick, { maxLength: 40 })
const dispersion = fc.double({ min: 1, max: 30, noNaN: true })

function mixtureOf(all: readonly (readonly [number, number, number])[], margin = 1): RatioMixture {
  const mixture = new RatioMixture(regressionBets, margin)
  for (const [canary, control, share] of all) mixture.add(canary, control, share)
  return mixture
}

describe('evidence by ratios', () => {
  it('does not depend on the order of ticks, nor on when it was asked', () => {
    fc.assert(
      fc.property(ticks, dispersion, fc.nat(), (all, phi, seed) => {
        const random = new Random(seed)
        const shuffled = all.map((each) => ({ each, key: random.uniform() })).sort((a, b) => a.key - b.key)
        const asked = new RatioMixture()
        for (const { each } of shuffled) {
          asked.add(...each)
          asked.logEvidence(1 + 9 * random.uniform())
        }
        expect(asked.logEvidence(phi)).toBeCloseTo(mixtureOf(all).logEvidence(phi), 6)
      }),
    )
  })

  it('grows with failures of the canary, and shrinks with those of the control', () => {
    fc.assert(
      fc.property(ticks, tick, dispersion, (all, [, , share], phi) => {
        const before = mixtureOf(all).logEvidence(phi)
        expect(mixtureOf([...all, [1, 0, share]]).logEvidence(phi)).toBeGreaterThan(before - 1e-9)
        expect(mixtureOf([...all, [0, 1, share]]).logEvidence(phi)).toBeLessThan(before + 1e-9)
      }),
    )
  })

  it('is less with a margin, and less for events in clusters', () => {
    fc.assert(
      fc.property(ticks, fc.double({ min: 1, max: 5, noNaN: true }), (all, margin) => {
        expect(mixtureOf(all, margin).logEvidence()).toBeLessThanOrEqual(mixtureOf(all).logEvidence() + 0.1)
      }),
    )
    const worse = mixtureOf(Array.from({ length: 50 }, () => [2, 4, 0.1] as const))
    expect(worse.logEvidence(4)).toBeLessThan(worse.logEvidence(1))
    expect(worse.logEvidence(9)).toBeLessThan(worse.logEvidence(4))
  })

  it('ignores ticks in which there is nothing to compare', () => {
    for (const share of [0, 1, Number.NaN, -1, 2])
      expect(mixtureOf([[5, 0, share]]).logEvidence()).toBeCloseTo(0)
    expect(mixtureOf([[0, 0, 0.5]]).logEvidence()).toBeCloseTo(0)
  })

  it.each([
    ['independent', 1],
    ['clustered', 5],
  ])('keeps its promise for %s events, at every look', (_, size) => {
    const random = new Random(11)
    const canaries = 4000
    const alpha = 0.02
    let accused = 0
    for (let canary = 0; canary < canaries; canary++) {
      const mixture = new RatioMixture()
      for (let second = 0; second < 300; second++) {
        const share = second < 150 ? 0.05 : 0.3
        const counts: [number, number] = [0, 0]
        for (let incident = random.poisson(0.4); incident > 0; incident--)
          counts[random.uniform() < share ? 0 : 1] += random.geometric(size)
        mixture.add(...counts, share)
        if (mixture.logEvidence(2 * size - 1) < -Math.log(alpha)) continue
        accused++
        break
      }
    }
    // Three deviations above the promise.
    expect(accused).toBeLessThan(canaries * alpha + 3 * Math.sqrt(canaries * alpha))
  })

  it('is fair on average: what is paid is what a bet is worth', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1.5, 2, 5, 30, 0.2, 0.5),
        fc.double({ min: 1, max: 20, noNaN: true }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (ratio, meanSize, share) => {
          const stake = stakeOf(ratio, meanSize)
          const mu = compensation(stake, meanSize, share)
          const q = 1 - 1 / meanSize
          const expectation = (exponent: number) =>
            Math.exp(exponent) / meanSize / (1 - q * Math.exp(exponent))
          expect(share * expectation(stake - mu) + (1 - share) * expectation(-mu)).toBeCloseTo(1, 8)
        },
      ),
    )
  })

  it('shows that a release is harmless only if it is', () => {
    const random = new Random(5)
    let shown = 0
    for (let canary = 0; canary < 2000; canary++) {
      const harmless = new RatioMixture(harmlessBets(3), 3)
      for (let second = 0; second < 300; second++)
        harmless.add(random.poisson(0.3 * 3 * 0.2), random.poisson(0.3 * 0.8), 0.2)
      if (harmless.logEvidence() >= -Math.log(0.05)) shown++
    }
    expect(shown).toBeLessThan(2000 * 0.05 + 3 * Math.sqrt(2000 * 0.05))
    const good = new RatioMixture(harmlessBets(3), 3)
    for (let second = 0; second < 600; second++) good.add(random.poisson(0.06), random.poisson(0.24), 0.2)
    expect(good.logEvidence()).toBeGreaterThan(-Math.log(0.05))
  })
})

describe('evidence of a rate below a line', () => {
  it('comes from few events, and not from as many as the line has', () => {
    const few = new RateBelow(0.001)
    few.add(1, 10_000)
    expect(few.logEvidence()).toBeGreaterThan(-Math.log(0.05))
    const many = new RateBelow(0.001)
    many.add(10, 10_000)
    expect(many.logEvidence()).toBeLessThan(0)
    expect(few.logEvidence(4)).toBeLessThan(few.logEvidence())
  })

  it.each([0, 1, -0.1, Number.NaN])('refuses the line %f', (line) => {
    expect(() => new RateBelow(line)).toThrow(RangeError)
  })
})

describe('evidence by signs', () => {
  it('needs about a dozen readings that agree, and never comes from as many of both', () => {
    const agreeing = new SignMixture()
    for (let reading = 0; reading < 14; reading++) agreeing.add(true)
    expect(agreeing.logEvidence()).toBeGreaterThan(-Math.log(0.001))
    const mixed = new SignMixture()
    for (let reading = 0; reading < 1000; reading++) mixed.add(reading % 2 === 0)
    expect(mixed.logEvidence()).toBeLessThan(0)
  })
})

describe('dispersion', () => {
  const learnedFrom = (size: number, seconds: number, spread: boolean): number => {
    const random = new Random(3)
    const learned = new Dispersion()
    const pending: [number, number][] = Array.from({ length: seconds + 100 }, () => [0, 0])
    for (let second = 0; second < seconds; second++) {
      for (let incident = random.poisson(0.3); incident > 0; incident--) {
        const half = random.uniform() < 0.5 ? 0 : 1
        const failures = Math.min(100, random.geometric(size))
        for (let each = 0; each < failures; each++) pending[second + (spread ? each : 0)]![half]++
      }
      learned.add(...pending[second]!, 0.5)
    }
    return learned.phi
  }

  it('is near 1 for independent events, and E[S^2]/E[S] for clusters, at once or one after another', () => {
    expect(learnedFrom(1, 20_000, false)).toBeLessThan(1.2)
    for (const spread of [false, true]) {
      expect(learnedFrom(5, 20_000, spread)).toBeGreaterThan(6.5)
      expect(learnedFrom(5, 20_000, spread)).toBeLessThan(12)
    }
  })

  it('is cautious before anything was seen, and a copy learns by itself', () => {
    const learned = new Dispersion()
    expect(learned.phi).toBe(4)
    const copy = learned.clone()
    for (let second = 0; second < 500; second++) copy.add(second % 2, (second + 1) % 2, 0.5)
    expect(copy.phi).toBeLessThan(2)
    expect(learned.phi).toBe(4)
    learned.add(3, 0, Number.NaN)
    expect(learned.phi).toBe(4)
  })
})

describe('combined evidence', () => {
  it('is the weighted mean', () => {
    const mean = combine([
      { weight: 0.6, logEvidence: Math.log(10) },
      { weight: 0.2, logEvidence: Math.log(1) },
    ])
    expect(Math.exp(mean)).toBeCloseTo((0.6 * 10 + 0.2 * 1) / 0.8)
    expect(combine([])).toBe(Number.NEGATIVE_INFINITY)
    expect(combine([{ weight: 1, logEvidence: 5000 }])).toBeCloseTo(5000)
  })
})
