import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationEdges, pauseEdges } from './bucket-edges.ts'
import { type Buckets, Histogram } from './histogram.ts'
import { countAbove, countOf, merged, quantileOf } from './quantile.ts'

const edgeSets = fc.constantFrom(durationEdges, pauseEdges)
/** Seconds as requests take them, and what clocks and bugs make of them. */
const seconds = fc.oneof(
  fc.double({ min: 0, max: 120, noNaN: true }),
  fc.constantFrom(...durationEdges),
  fc.constantFrom(0, Number.MIN_VALUE, 1e9, Number.POSITIVE_INFINITY, -1, Number.NaN),
)
const real = (value: number) => (value > 0 ? value : 0)

function recorded(edges: readonly number[], values: readonly number[]): Histogram {
  const histogram = new Histogram(edges)
  for (const value of values) histogram.record(value)
  return histogram
}

describe('a histogram', () => {
  it('puts a value below the first edge that is not smaller, and counts each once', () => {
    fc.assert(
      fc.property(edgeSets, fc.array(seconds), (edges, values) => {
        const { counts, sum } = recorded(edges, values)
        const expected = new Array(edges.length + 1).fill(0)
        for (const value of values.map(real)) {
          const bucket = edges.findIndex((edge) => value <= edge)
          expected[bucket < 0 ? edges.length : bucket] += 1
        }
        expect([...counts]).toEqual(expected)
        expect(countOf({ edges, counts, sum })).toBe(values.length)
      }),
    )
  })

  it('sums what it counts', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), (values) => {
        const expected = values.reduce((sum, value) => sum + value, 0)
        expect(recorded(durationEdges, values).sum).toBeCloseTo(expected, 5)
      }),
    )
  })
})

describe('histograms of two arms', () => {
  const arms = fc.tuple(fc.array(seconds), fc.array(seconds))

  it('are together what one histogram of all values is', () => {
    fc.assert(
      fc.property(arms, ([stable, canary]) => {
        const together = merged([recorded(durationEdges, stable), recorded(durationEdges, canary)])
        const once = recorded(durationEdges, [...stable, ...canary])
        expect([...Array.from(together.counts)]).toEqual([...once.counts])
        if (Number.isFinite(once.sum)) expect(together.sum).toBeCloseTo(once.sum, 3)
      }),
    )
  })

  it('are not compared when their edges differ', () => {
    expect(() => merged([new Histogram(durationEdges), new Histogram(pauseEdges)])).toThrow(/same edges/)
  })
})

describe('a quantile', () => {
  const someValues = fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 1 })

  it('is in the bucket that the exact one is in, so it errs by less than the width of that', () => {
    fc.assert(
      fc.property(someValues, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const estimate = quantileOf(recorded(durationEdges, values), q)!
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
        const bucket = durationEdges.findIndex((edge) => exact <= edge)
        expect(estimate).toBeGreaterThanOrEqual(bucket === 0 ? 0 : durationEdges[bucket - 1]!)
        expect(estimate).toBeLessThanOrEqual(durationEdges[bucket]!)
      }),
    )
  })

  it('does not fall when the share rises', () => {
    fc.assert(
      fc.property(someValues, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values, shares) => {
        const histogram = recorded(durationEdges, values)
        const quantiles = shares.toSorted((a, b) => a - b).map((q) => quantileOf(histogram, q)!)
        expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b))
      }),
    )
  })

  it('is unknown without values, and the last edge beyond that', () => {
    expect(quantileOf(new Histogram(durationEdges), 0.5)).toBeUndefined()
    expect(quantileOf(recorded(durationEdges, [1e6]), 0.5)).toBe(60)
  })
})

describe('values above an edge', () => {
  it('are counted exactly', () => {
    fc.assert(
      fc.property(fc.array(seconds), fc.constantFrom(...durationEdges), (values, edge) => {
        const above = values.filter((value) => value > edge).length
        expect(countAbove(recorded(durationEdges, values), edge)).toBe(above)
      }),
    )
  })

  it('are not guessed between edges', () => {
    const histogram: Buckets = new Histogram(durationEdges)
    expect(() => countAbove(histogram, 0.123)).toThrow(/is no edge/)
  })
})

describe('the edges of durations', () => {
  it('rise, from 1 ms to 10 s by half at most', () => {
    expect(durationEdges).toEqual([...new Set(durationEdges)].toSorted((a, b) => a - b))
    for (const [index, edge] of durationEdges.entries())
      if (edge > 0.001 && edge <= 10) expect(edge / durationEdges[index - 1]!).toBeLessThanOrEqual(1.5 + 1e-9)
  })

  it("have OpenTelemetry's among them, and the round objectives", () => {
    const advised = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    expect(durationEdges).toEqual(expect.arrayContaining(advised))
    expect(durationEdges).toEqual(expect.arrayContaining([0.02, 0.1, 0.15, 0.2, 0.3, 0.4, 2, 3, 30, 60]))
  })
})
