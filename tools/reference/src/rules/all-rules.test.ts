import { expect, it } from 'vitest'
import { ruleIdsInSources, textsLikeRules } from '../sources/rule-ids.ts'
import { allRules } from './all-rules.ts'

const described = allRules.flatMap(({ rules }) => rules.map(({ id }) => id))

it('describes every rule that the sources name, and no other', async () => {
  expect([...described].sort()).toEqual([...(await ruleIdsInSources())].sort())
})

it('describes every text of the sources that looks like a rule, however it is used', async () => {
  const areas = new Set(allRules.map(({ area }) => area))
  for (const text of await textsLikeRules(areas)) expect(described).toContain(text)
})

it('describes a rule once, in its area', () => {
  expect(new Set(described).size).toBe(described.length)
  for (const { area, rules } of allRules)
    for (const { id } of rules) expect(id).toMatch(new RegExp(`^${area}/`))
})
