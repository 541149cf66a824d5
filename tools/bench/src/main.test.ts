import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const repo = join(import.meta.dirname, '../../..')

test('a quick run prints the document that others script against, and writes nothing', async () => {
  const page = join(repo, 'docs/benchmarks/types.md')
  const before = await stat(page).catch(() => undefined)
  const { code, stdout } = await bench('types', '--quick', '--json')
  expect(code).toBe(0)
  const document = JSON.parse(stdout)
  expect(Object.keys(document)).toEqual(['name', 'date', 'machine', 'rows', 'ratios', 'figures'])
  expect(document.name).toBe('types')
  expect(document.rows.map((row: { case: string }) => row.case)).toEqual([
    'atlas',
    'atlas from source',
    'plain handlers',
    'zod alone',
  ])
  expect(document.ratios['zod alone']).toBeGreaterThan(0)
  expect(document.figures.timesZodAlone).toBeCloseTo(1 / document.ratios['zod alone'])
  expect((await stat(page).catch(() => undefined))?.mtimeMs).toBe(before?.mtimeMs)
}, 600_000)

test.each([
  [['typse'], `there is no bench 'typse'; did you mean 'types'?`],
  [['something-else'], `there is no bench 'something-else'\n`],
  [[], 'name a bench'],
  [['types', 'types'], 'name one bench, not 2'],
  [['--fast'], `'--fast'`],
])('refuses %j with exit code 2 and the list of benches', async (args, message) => {
  const { code, stdout, stderr } = await bench(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).toContain('types      Type-checks')
})

function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), ...args],
      { cwd: repo },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    )
  })
}
