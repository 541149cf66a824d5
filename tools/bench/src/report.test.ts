import { expect, test } from 'vitest'
import { type Run, toJson, toPage, toText } from './report.ts'

const run: Run = {
  bench: { name: 'serving', summary: 'Requests each second.' },
  date: new Date('2026-11-23T12:00:00Z'),
  machine: {
    cpu: 'Abacus',
    cores: 2,
    memoryGiB: 24,
    os: 'Plan 9',
    loadBefore: 0.1,
    versions: { node: '24.21.0' },
    flags: { rounds: 2 },
  },
  measured: {
    rows: [
      { case: 'atlas', round: 1, rps: 40_000 },
      { case: 'fastify', round: 1, rps: 41_000 },
      { case: 'fastify', round: 2, rps: 39_000 },
      { case: 'atlas', round: 2, rps: 44_000 },
    ],
    ratios: { fastify: { value: 1.05, low: 0.976, high: 1.128 } },
    figures: { rps: { value: 42_000, low: 40_000, high: 44_000 }, memoryMiB: 80.123 },
    bars: [
      { figure: 'rps', atLeast: 50_000 },
      { figure: 'memoryMiB', atMost: 100 },
    ],
    flags: { rounds: 2 },
    versions: { node: '24.21.0' },
    method: 'Both on one port.',
  },
}

test('prints one document with exactly the fields that others script against', () => {
  expect(toJson(run)).toEqual({
    name: 'serving',
    date: '2026-11-23T12:00:00.000Z',
    machine: run.machine,
    rows: run.measured.rows,
    ratios: { fastify: 1.05 },
    figures: { rps: 42_000, rpsLow: 40_000, rpsHigh: 44_000, memoryMiB: 80.123 },
  })
})

test('writes a page that says what was measured, where, and whether it is enough', () => {
  expect(toPage(run)).toBe(`# serving

Requests each second. Made by \`npm run bench -- serving\` on 2026-11-23.

## Figures

| figure | value | 95 % interval |
| --- | --- | --- |
| rps | 42000 | 40000 to 44000 |
| memoryMiB | 80.1 |  |

## Ratios

Atlas over the other in the same run; greater is better.

| against | ratio | 95 % interval |
| --- | --- | --- |
| fastify | 1.05 | 0.976 to 1.13 |

## Bars

| figure | bar | measured | kept |
| --- | --- | --- | --- |
| rps | ≥ 50000 | 42000 | **no** |
| memoryMiB | ≤ 100 | 80.1 | yes |

## Cases

| case | rps |
| --- | --- |
| atlas | 42000 (40000 to 44000) |
| fastify | 40000 (39000 to 41000) |

## How

Both on one port.

## Machine

|  |  |
| --- | --- |
| cpu | Abacus |
| cores | 2 |
| memoryGiB | 24 |
| os | Plan 9 |
| loadBefore | 0.1 |
| node | 24.21.0 |
| rounds | 2 |

## Rows

| case | round | rps |
| --- | --- | --- |
| atlas | 1 | 40000 |
| fastify | 1 | 41000 |
| fastify | 2 | 39000 |
| atlas | 2 | 44000 |
`)
})

test('leaves out what a bench does not have', () => {
  const page = toPage({ ...run, measured: { ...run.measured, ratios: {}, bars: [] } })
  expect(page).not.toContain('## Ratios')
  expect(page).not.toContain('## Bars')
})

test('prints figures and ratios for people', () => {
  expect(toText(run)).toBe(`rps              42000  (40000 to 44000)
memoryMiB        80.1
against fastify  1.05  (0.976 to 1.13)
`)
})
