import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawn, Sampler } from './sampler.ts'

const word = fc.nat({ max: 0xffffffff })
const place = fc.record({ t2: word, t3: word, flags: fc.nat({ max: 3 }) })
const ratio = fc.double({ min: 0, max: 1, noNaN: true })

describe('a sampler', () => {
  it('follows whoever began the trace, if it may', () => {
    fc.assert(
      fc.property(place, ratio, (trace, share) => {
        const sampler = new Sampler({ ratio: share, parentBased: true })
        expect(sampler.continues(trace, true)).toBe((trace.flags & 1) === 1)
      }),
    )
  })

  it('decides alike wherever a trace comes by, and records more when told to', () => {
    fc.assert(
      fc.property(place, ratio, ratio, (trace, one, other) => {
        const decide = (share: number) =>
          new Sampler({ ratio: share, parentBased: false }).continues(trace, true)
        expect(decide(one)).toBe(decide(one))
        if (decide(Math.min(one, other))) expect(decide(Math.max(one, other))).toBe(true)
      }),
    )
  })

  it('draws ids that say what was decided', () => {
    fc.assert(
      fc.property(ratio, (share) => {
        const sampler = new Sampler({ ratio: share, parentBased: false })
        const recorded = sampler.begins()
        expect(sampler.continues({ ...drawn, flags: 0 }, true)).toBe(recorded)
        if (share > 0.9) return
        sampler.drawUnsampled()
        expect(sampler.continues({ ...drawn, flags: 0 }, true)).toBe(false)
      }),
    )
  })

  it('records nothing at 0, everything at 1, and a hundredth at 0.01', () => {
    const share = (ratio: number) => {
      const sampler = new Sampler({ ratio, parentBased: true })
      let recorded = 0
      for (let index = 0; index < 100_000; index += 1) if (sampler.begins()) recorded += 1
      return recorded / 100_000
    }
    expect(share(0)).toBe(0)
    expect(share(1)).toBe(1)
    // Ten standard deviations.
    expect(Math.abs(share(0.01) - 0.01)).toBeLessThan(0.0032)
  })

  it('is not made to record by flags or ids of those who may not', () => {
    const sampler = new Sampler({ ratio: 0, parentBased: true })
    expect(sampler.continues({ t2: 0xffffffff, t3: 0xffffffff, flags: 3 }, false)).toBe(false)
    const own = new Sampler({ ratio: 0.5, parentBased: false })
    const chosen = Array.from({ length: 200 }, () =>
      own.continues({ t2: 0xffffffff, t3: 0xffffffff, flags: 1 }, false),
    )
    expect(new Set(chosen)).toEqual(new Set([true, false]))
  })
})
