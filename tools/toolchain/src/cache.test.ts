import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cacheFolder, fillOnce, toolFolder } from './cache.ts'
import { tools } from './tools.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-cache-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const exists = (path: string) => () =>
  readFile(join(path, 'file')).then(
    () => true,
    () => false,
  )

test('is where XDG says, and ignores a relative XDG_CACHE_HOME as XDG asks', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/atlas/toolchain')
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(/^\/.*\/\.cache\/atlas\/toolchain$/)
})

test('keeps what is made in another way somewhere else', () => {
  const [one, other] = tools
  expect(toolFolder({ ...one!, recipe: other!.recipe }, '/cache')).not.toBe(toolFolder(one!, '/cache'))
  expect(toolFolder(one!, '/cache')).toMatch(/^\/cache\/kubernetes\/1\.\d+\.\d+-[0-9a-f]{8}$/)
})

test('fills a folder once, whoever asks', async () => {
  const target = join(folder, 'once')
  let made = 0
  const make = async (temporary: string) => {
    made++
    await writeFile(join(temporary, 'file'), 'text')
  }
  await Promise.all([1, 2, 3].map(() => fillOnce(target, exists(target), make)))
  await fillOnce(target, exists(target), make)
  expect(made).toBe(1)
  expect(await readFile(join(target, 'file'), 'utf8')).toBe('text')
})

test('leaves nothing of what failed', async () => {
  const target = join(folder, 'fails')
  await expect(
    fillOnce(target, exists(target), async (temporary) => {
      await writeFile(join(temporary, 'half'), '')
      throw new Error('in the middle')
    }),
  ).rejects.toThrow('in the middle')
  expect((await readdir(folder)).filter((name) => name.startsWith('fails'))).toEqual(['fails.lock'])
})

test('goes on after a run that was killed in the middle', { timeout: 120_000 }, async () => {
  const target = join(folder, 'killed')
  const program = `
    import { fillOnce } from ${JSON.stringify(join(import.meta.dirname, 'cache.ts'))}
    import { writeFileSync } from 'node:fs'
    await fillOnce(${JSON.stringify(target)}, async () => false, async (temporary) => {
      writeFileSync(temporary + '/half', '')
      console.log('halfway')
      await new Promise((resolve) => setTimeout(resolve, 1e9))
    })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect((await readdir(folder)).some((name) => /^killed\.\d+\.tmp$/.test(name))).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // The lock of the killed run is free, and what it left is gone.
  await fillOnce(target, exists(target), (temporary) => writeFile(join(temporary, 'file'), 'whole'))
  expect(await readdir(target)).toEqual(['file'])
  expect((await readdir(folder)).filter((name) => name.startsWith('killed'))).toEqual([
    'killed',
    'killed.lock',
  ])
})
