import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pages, referenceFolder } from './pages.ts'
import { root } from './sources/parse.ts'

/** Writes docs/reference; says what changed. Pages that are no longer generated are removed. */
const folder = join(root, referenceFolder)
await mkdir(folder, { recursive: true })
const written = await pages()
for (const [name, text] of written) {
  const path = join(folder, name)
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, text)
  await rename(temporary, path)
  console.log(`wrote ${referenceFolder}/${name}`)
}
for (const name of await readdir(folder))
  if (!written.has(name)) {
    await rm(join(folder, name), { recursive: true })
    console.log(`removed ${referenceFolder}/${name}`)
  }
