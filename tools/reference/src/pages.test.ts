import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pages, referenceFolder } from './pages.ts'
import { root } from './sources/parse.ts'

const stale = `run 'node tools/reference/src/main.ts' and commit ${referenceFolder}`

it('the committed reference is what the sources say', { timeout: 120_000 }, async () => {
  const folder = join(root, referenceFolder)
  const made = await pages()
  expect((await readdir(folder)).sort(), stale).toEqual([...made.keys()].sort())
  for (const [name, text] of made) expect(await readFile(join(folder, name), 'utf8'), stale).toBe(text)
})
