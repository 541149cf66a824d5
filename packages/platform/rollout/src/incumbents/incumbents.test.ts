import { describe, expect, it } from 'vitest'
import { runRule } from '../simulate/run-canary.ts'
import type { Scenario } from '../simulate/scenario.ts'
import { ArgoRule } from './argo.ts'
import { FlaggerRule } from './flagger.ts'
import { isHigh, KayentaRule } from './kayenta.ts'
import type { Rule } from './rule.ts'

function shareOf(
  decision: string,
  make: () => Rule,
  scenario: Omit<Scenario, 'name'>,
  canaries = 300,
): number {
  const all = Array.from({ length: canaries }, (_, seed) => runRule({ name: '', ...scenario }, seed, make()))
  return all.filter((outcome) => outcome.decision === decision).length / canaries
}

describe("Flagger's rule", () => {
  const flagger = () => new FlaggerRule()
  it('promotes five times as many failures as before, as long as they are below its line', () => {
    expect(shareOf('promote', flagger, { rps: 100, failureRate: 0.001, effect: { failures: 5 } }, 50)).toBe(1)
  })
  it('rolls back what has no traffic', () => {
    expect(shareOf('roll back', flagger, { rps: 0, failureRate: 0.001, effect: {} }, 5)).toBe(1)
  })
  it('accuses equal releases when failures are near its line and traffic is small', () => {
    const accused = shareOf('roll back', flagger, { rps: 5, failureRate: 0.008, effect: {} })
    expect(accused).toBeGreaterThan(0.05)
    expect(accused).toBeLessThan(0.35)
    expect(shareOf('roll back', flagger, { rps: 1000, failureRate: 0.008, effect: {} }, 30)).toBe(0)
  })
  it('takes five minutes of passed checks', () => {
    expect(runRule({ name: '', rps: 100, failureRate: 0, effect: {} }, 1, flagger())).toMatchObject({
      decision: 'promote',
      seconds: 300,
    })
  })
})

describe("Argo's rule", () => {
  it('aborts after more failed measurements than its limit, and ends after its steps', () => {
    expect(runRule({ name: '', rps: 100, failureRate: 0.5, effect: {} }, 1, new ArgoRule())).toMatchObject({
      decision: 'roll back',
      seconds: 240,
    })
    expect(runRule({ name: '', rps: 100, failureRate: 0, effect: {} }, 1, new ArgoRule())).toMatchObject({
      decision: 'promote',
      seconds: 600,
    })
    expect(
      shareOf('promote', () => new ArgoRule(), { rps: 100, failureRate: 0.001, effect: { failures: 5 } }, 30),
    ).toBe(1)
  })
})

describe("Kayenta's judge", () => {
  it('calls a shift High, and noise not', () => {
    const noise = (k: number) =>
      Array.from({ length: 50 }, (_, i) => ((i * 7919 + k * 104_729) % 1000) / 1000)
    expect(isHigh(noise(1), noise(2))).toBe(false)
    expect(
      isHigh(
        noise(1).map((value) => value + 2),
        noise(2),
      ),
    ).toBe(true)
    expect(isHigh([], noise(2))).toBe(false)
    expect(isHigh([1, 1, 1], [1, 1])).toBe(false)
  })
  it('finds five times the failures after fifty minutes', () => {
    const outcome = runRule(
      { name: '', rps: 100, failureRate: 0.001, effect: { failures: 5 } },
      1,
      new KayentaRule(),
    )
    expect(outcome).toMatchObject({ decision: 'roll back', seconds: 3000 })
  })
})
