import { spawnSync } from 'node:child_process'
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeAtomically } from './write-atomically.ts'

const uuid = 'aa039db2-a840-4d40-a685-499f2bf90188'

it('writes a file whole, makes its folder, and leaves nothing else', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'atlas-write-'))
  const path = join(folder.path, 'deep', 'file.json')
  await writeAtomically(path, 'first')
  await writeAtomically(path, 'second')
  expect(await readFile(path, 'utf8')).toBe('second')
  expect(await readdir(join(folder.path, 'deep'))).toEqual(['file.json'])
})

it('removes what killed runs left of this file, and nothing of a run that lives or of another file', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'atlas-write-'))
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const names = [
    `a.${gone}.${uuid}.tmp`,
    `a.${process.pid}.${uuid}.tmp`,
    `a.b.${gone}.${uuid}.tmp`,
    'a.1.tmp',
  ]
  for (const name of names) await writeFile(join(folder.path, name), '')
  await writeAtomically(join(folder.path, 'a'), 'text')
  expect((await readdir(folder.path)).sort()).toEqual(['a', ...names.slice(1)].sort())
})

it('leaves nothing where it cannot put the file', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'atlas-write-'))
  await writeAtomically(join(folder.path, 'taken', 'file'), '')
  await expect(writeAtomically(join(folder.path, 'taken'), '')).rejects.toThrow()
  expect(await readdir(folder.path)).toEqual(['taken'])
})
