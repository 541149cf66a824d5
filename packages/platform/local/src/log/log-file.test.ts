import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LogFile } from './log-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const MiB = 1024 * 1024
const lineOf = (letter: string) => letter.repeat(5 * MiB)

async function first(name: string): Promise<string> {
  return (await readFile(join(folder, 'logs', name), 'utf8')).slice(0, 1)
}

it('a file that would pass 8 MiB becomes the old one, in the place of the one before', async () => {
  const path = join(folder, 'logs/files.ndjson')
  const log = new LogFile(path)
  for (const letter of 'abc') {
    log.write(lineOf(letter))
    await log.flush()
  }
  expect((await readdir(join(folder, 'logs'))).sort()).toEqual(['files.1.ndjson', 'files.ndjson'])
  expect([await first('files.1.ndjson'), await first('files.ndjson')]).toEqual(['b', 'c'])
})

it('counts what an earlier run wrote, and appends to it', async () => {
  const path = join(folder, 'logs/files.ndjson')
  for (const letter of 'ab') {
    const log = new LogFile(path)
    log.write(letter)
    await log.flush()
  }
  expect(await readFile(path, 'utf8')).toBe('a\nb\n')
  const log = new LogFile(path)
  log.write(lineOf('c'))
  await log.flush()
  const later = new LogFile(path)
  later.write(lineOf('d'))
  await later.flush()
  expect((await stat(path)).size).toBe(5 * MiB + 1)
  expect(await first('files.1.ndjson')).toBe('a')
})

it('a folder that cannot be written costs lines, and no more', async () => {
  const log = new LogFile(join(import.meta.filename, 'files.ndjson'))
  log.write('lost')
  await log.flush()
  log.write('lost too')
  await log.flush()
})
