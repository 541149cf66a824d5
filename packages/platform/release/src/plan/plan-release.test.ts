import { assembleReleasePlan } from '@changesets/assemble-release-plan'
import { describe, expect, it } from 'vitest'
import { randomMonorepo, randomOf } from '../fixtures/random-monorepo.ts'
import { decide } from '../version/decide.ts'
import { parsePlan } from './plan.ts'
import { changesetsConfig, changesetsPackages, planRelease } from './plan-release.ts'

const monorepos = 10_000

/** From 10 to 1,000 packages, more small ones than large ones. */
function sizeOf(seed: number): number {
  return Math.round(10 * 100 ** (randomOf(seed * 7 + 1)() ** 4))
}

describe('a plan, against a rebuild of everything', { timeout: 1_800_000 }, () => {
  it(`releases exactly what has changed or is declared, in ${monorepos} random monorepos`, () => {
    let [candidates, dropped, changed, largest] = [0, 0, 0, 0]
    for (let seed = 1; seed <= monorepos; seed++) {
      const size = sizeOf(seed)
      largest = Math.max(largest, size)
      const { facts, contents, platformChanged } = randomMonorepo(seed, size)
      const plan = planRelease(facts)
      const { releases, unchanged } = decide(plan, facts.released, contents)
      const got = releases.flatMap(({ servlet }) => servlet ?? [])
      const declared = new Set(
        facts.changesets.flatMap((each) =>
          [...each.releases].flatMap(([name, bump]) => (bump === 'none' ? [] : name)),
        ),
      )
      const expected = facts.packages.flatMap(({ name, servlet }) => {
        if (!servlet) return []
        const last = facts.released[servlet.name]
        const differs = !last || last.content !== contents.get(servlet.name) || platformChanged
        return differs || declared.has(name) ? [servlet.name] : []
      })
      if (got.sort().join() !== expected.sort().join()) expect(got, `seed ${seed}`).toEqual(expected)
      for (const each of releases)
        if (!declared.has(each.package)) expect(each.bump, `seed ${seed}`).not.toMatch(/minor|major/)
      candidates += plan.releases.length
      dropped += unchanged.length
      changed += expected.length
    }
    // The bound is not idle: some candidates are dropped, most are not.
    expect(dropped).toBeGreaterThan(monorepos / 10)
    expect(changed).toBeGreaterThan(monorepos)
    expect(candidates).toBeGreaterThan(changed)
    expect(largest).toBeGreaterThan(950)
  })

  it('takes the steps and versions that changesets takes, and follows ranges where it does', () => {
    let compared = 0
    for (let seed = 1; seed <= 2_000; seed++) {
      const { facts } = randomMonorepo(seed, Math.min(sizeOf(seed), 100))
      const plan = new Map(planRelease(facts).releases.map((each) => [each.package, each]))
      const theirs = assembleReleasePlan(
        facts.changesets.map(({ file, releases, summary }) => ({
          id: file,
          summary,
          releases: [...releases].map(([name, type]) => ({ name, type })),
        })),
        changesetsPackages(facts.packages),
        changesetsConfig,
        undefined,
      )
      for (const { name, type, newVersion, oldVersion } of theirs.releases) {
        if (type === 'none') continue
        expect(plan.get(name), `seed ${seed}, ${name}`).toMatchObject({
          bump: type,
          from: oldVersion,
          to: newVersion,
        })
        compared += 1
      }
      const theirNames = new Set(
        theirs.releases.filter(({ type }) => type !== 'none').map(({ name }) => name),
      )
      for (const { package: name, servlet } of plan.values())
        if (servlet === undefined) expect(theirNames, `seed ${seed}`).toContain(name)
    }
    expect(compared).toBeGreaterThan(2_000)
  })

  it('is the same for the same facts in any order, and survives being a file', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { facts } = randomMonorepo(seed, 60)
      const plan = planRelease(facts)
      const turned = planRelease({
        ...facts,
        released: Object.fromEntries(Object.entries(facts.released).reverse()),
      })
      expect(turned).toEqual(plan)
      expect(parsePlan(JSON.stringify(plan), 'plan.json')).toEqual(plan)
    }
  })
})
