import { expect, it } from 'vitest'
import { contractProblems } from '../sources/contract-problems.ts'
import { shownSources } from './errors-page.ts'

it('shows the problems of every source that reports some', async () => {
  const problems = await contractProblems()
  expect([...new Set(problems.map(({ from }) => from))].sort()).toEqual([...shownSources].sort())
  expect(problems.length).toBeGreaterThan(60)
})
