import { expect, it } from 'vitest'
import { cellsOf } from './cells.ts'
import { runCell } from './run-cell.ts'
import { runCells } from './run-cells.ts'

it('has as many canaries as asked for, most of them of releases that are no worse', () => {
  const cells = cellsOf(100_000)
  const count = (all: typeof cells) => all.reduce((sum, { canaries }) => sum + canaries, 0)
  expect(count(cells)).toBe(100_000)
  expect(count(cells.filter(({ bad }) => !bad))).toBe(60_000)
  expect(new Set(cells.map(({ scenario }) => JSON.stringify(scenario))).size).toBe(cells.length)
})

it('gives the same outcomes in a worker', async () => {
  const cell = cellsOf(200).find(({ scenario }) => scenario.name === '5x failures' && scenario.rps === 1000)!
  const here = runCell({ ...cell, canaries: 4 }, 2)
  expect(here.outcomes.Atlas.map(({ decision }) => decision)).toEqual(Array(4).fill('roll back'))
  expect(here.outcomes.Flagger).toHaveLength(2)
  expect(await runCells([{ ...cell, canaries: 4 }], 2, () => {})).toEqual([here])
})
