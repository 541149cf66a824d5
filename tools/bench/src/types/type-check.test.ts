import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDiagnostics, typeCheck } from './type-check.ts'

const repo = join(import.meta.dirname, '../../../..')

test('reads what the compiler measured, and refuses a project with errors', async () => {
  await mkdir(join(repo, '.atlas'), { recursive: true })
  const folder = await mkdtemp(join(repo, '.atlas/test-bench-'))
  try {
    const project = join(folder, 'tsconfig.json')
    await writeFile(
      project,
      JSON.stringify({ compilerOptions: { strict: true, types: [] }, files: ['a.ts'] }),
    )
    await writeFile(join(folder, 'a.ts'), 'export const a: Partial<{ b: number }> = { b: 1 }\n')
    const measured = await typeCheck(project)
    for (const number of Object.values(measured)) expect(number).toBeGreaterThan(0)
    expect(measured.totalSeconds).toBeGreaterThanOrEqual(measured.checkSeconds)

    await writeFile(join(folder, 'a.ts'), `export const a: number = 'text'\n`)
    await expect(typeCheck(project)).rejects.toThrow(/does not type-check \(1 errors\):\n.*TS2322/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('says which measurement is missing', () => {
  expect(() => readDiagnostics('Types: 1')).toThrow(`the compiler printed no 'Check time'`)
})
