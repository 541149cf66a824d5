import { expect, it } from 'vitest'
import { planOf } from './plan.ts'

const there = (servlet: string, intended: string, fingerprint: string | undefined) => ({
  servlet,
  intended,
  fingerprint,
  version: '1.0.0',
})
const wanted = new Map([
  ['a', '1'],
  ['b', '1'],
  ['c', '1'],
  ['d', '1'],
])
const deployed = new Map([
  ['b', there('b', '1', '1')],
  ['c', there('c', '2', '2')],
  // Its deployment of 2 was killed, and now 1 is wanted again, which its record still says.
  ['d', there('d', '2', '1')],
  ['old', there('old', '1', '1')],
])
const known = new Set(wanted.keys())

it('runs what is new, changed or unfinished, and lists what is gone', () => {
  expect(planOf(wanted, deployed, { all: false, known })).toEqual({
    run: [
      { servlet: 'a', why: 'new' },
      { servlet: 'c', why: 'changed' },
      { servlet: 'd', why: 'unfinished' },
    ],
    same: ['b'],
    gone: ['old'],
  })
})

it('runs everything when asked to', () => {
  expect(planOf(wanted, deployed, { all: true, known }).run.map(({ servlet }) => servlet)).toEqual([
    'a',
    'b',
    'c',
    'd',
  ])
})
