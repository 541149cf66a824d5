import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { textTable } from './text-table.ts'

const lines = (...rows: string[][]) =>
  textTable([{ heading: 'NAME' }, { heading: 'MS', align: 'end' }, { heading: 'STATE' }], rows).map(
    stripVTControlCharacters,
  )

it('aligns words at their start and numbers at their end, without blanks at the end of lines', () => {
  expect(lines(['greeter', '3', 'running'], ['é', '250', ''])).toEqual([
    'NAME      MS  STATE',
    'greeter    3  running',
    'é        250',
  ])
})

it('is a heading where there is nothing', () => {
  expect(lines()).toEqual(['NAME  MS  STATE'])
})

it('keeps a cell on its line', () => {
  expect(lines(['a\nb\u001b[31m', '', ''])[1]).toBe('a b [31m')
})
