import { expect, it } from 'vitest'
import { randomMonorepo } from '../fixtures/random-monorepo.ts'
import { planRelease } from './plan-release.ts'
import { type Going, wavesOf, wavesOfEverybody } from './waves.ts'

const going = (calls: Readonly<Record<string, readonly string[]>>): Going[] =>
  Object.entries(calls).map(([name, called]) => ({ name, calls: called }))

it('who is called goes out before its callers, and those who call each other together', () => {
  expect(wavesOf(going({ shop: ['cart', 'gone'], cart: ['stock'], stock: [], blog: [] }))).toEqual([
    ['blog', 'stock'],
    ['cart'],
    ['shop'],
  ])
  expect(wavesOf(going({ a: ['b'], b: ['a'], c: [] }))).toEqual([['c'], ['a', 'b']])
})

it('callers go first where the comparison says so', () => {
  const [shop, cart] = going({ shop: ['cart'], cart: [] })
  expect(wavesOf([shop!, { ...cart!, order: 'callers-first' }])).toEqual([['shop'], ['cart']])
})

it('everybody goes out one, then a tenth, then the rest, and still after whom they call', () => {
  const names = Array.from({ length: 101 }, (_, index) => `s${String(index).padStart(3, '0')}`)
  const calls = Object.fromEntries(names.map((name, index) => [name, index === 0 ? [] : [names[0]!]]))
  const waves = wavesOfEverybody(going(calls))
  expect(waves.map(({ length }) => length)).toEqual([1, 10, 90])
  expect(waves[0]).toEqual(['s000'])
  expect(waves.flat().sort()).toEqual(names)
})

it('another Node or base image releases every servlet, and the plan says why', () => {
  const { facts } = randomMonorepo(1, 60)
  const node = `${facts.platform.node}.1`
  const plan = planRelease({ ...facts, changesets: [], platform: { ...facts.platform, node } })
  const servlets = facts.packages.flatMap(({ servlet }) => servlet?.name ?? [])
  expect(plan.releases.flatMap(({ servlet }) => servlet ?? []).sort()).toEqual([...servlets].sort())
  for (const { causes, servlet, bump } of plan.releases.filter((each) => facts.released[each.servlet!])) {
    expect(
      causes.map(({ kind }) => kind),
      servlet,
    ).toContain('platform')
    expect(bump, servlet).toBe('patch')
  }
  expect(plan.platform.changes).toContain(`node ${facts.platform.node} -> ${node}`)
  expect(plan.waves[0]).toHaveLength(1)
  expect(plan.waves.flat().sort()).toEqual([...servlets].sort())
})
