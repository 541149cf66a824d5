import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { missingText, requireTools, survey } from './advice.ts'
import { build } from './build.ts'
import { toolFolder } from './cache.ts'
import { find } from './find.ts'
import { lack } from './needs.ts'
import type { Tool } from './tool.ts'
import { toolsNamed } from './tools.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-find-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const cache = join(folder, 'cache')

const tool: Tool = {
  name: 'atlas-test-tool',
  version: '1.0.0',
  purpose: 'a test',
  binaries: { 'atlas-test-tool': 'bin/atlas-test-tool' },
  installed: 'any',
  minutes: 0,
  recipe: { kind: 'wheel', package: 'nothing', files: {} },
}

async function binary(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '#!/bin/sh\n')
  await chmod(path, 0o755)
  return path
}

test('finds nothing, then what is in the cache, then what is installed', async () => {
  const PATH = join(folder, 'usr')
  const places = { cache, env: { PATH } }
  expect(await find(tool, places)).toBeUndefined()
  const built = await binary(join(toolFolder(tool, cache), 'bin/atlas-test-tool'))
  expect(await find(tool, places)).toMatchObject({ state: 'built', binaries: { 'atlas-test-tool': built } })
  const installed = await binary(join(PATH, 'atlas-test-tool'))
  expect(await find(tool, places)).toMatchObject({
    state: 'installed',
    binaries: { 'atlas-test-tool': installed },
  })
  expect(await find({ ...tool, installed: 'never' }, places)).toMatchObject({ state: 'built' })
})

test('takes no launcher of an npm package for a tool', async () => {
  const bin = join(folder, 'node_modules/.bin')
  await binary(join(bin, 'other-tool'))
  const other = { ...tool, name: 'other-tool', binaries: { 'other-tool': 'bin/other-tool' } }
  expect(await find(other, { cache, env: { PATH: bin } })).toBeUndefined()
})

test('lists everything that is missing at once: what for, and the one command', async () => {
  const wanted = toolsNamed(['kubernetes', 'coredns'])
  await expect(requireTools(wanted, { cache })).rejects.toThrow(
    /2 tools are missing:[\s\S]*kubernetes 1\.[\s\S]*coredns 1\.[\s\S]*npm run toolchain -- build kubernetes coredns/,
  )
  const { missing } = await survey(wanted, { cache })
  expect(missingText(missing.slice(0, 1))).toMatch(/^A tool is missing:/)
})

const noGo = (await lack(toolsNamed(['pause'])[0]!.recipe)) !== undefined

test.skipIf(noGo)('builds what it can, and says of the rest why not', { timeout: 300_000 }, async () => {
  const impossible: Tool = {
    ...tool,
    name: 'impossible',
    binaries: { 'atlas-impossible': 'bin/atlas-impossible' },
    recipe: { kind: 'go-module', folder: 'pause', packages: { impossible: './nowhere' } },
  }
  const pause = toolsNamed(['pause'])[0]!
  const events: string[] = []
  await expect(build([impossible], { cache })).resolves.toMatchObject({ failed: [{ tool: impossible }] })
  const { found, failed } = await build([impossible, pause], {
    cache,
    onStart: ({ name }) => events.push(`start ${name}`),
    onEnd: ({ name }, failure) => events.push(`${failure ? 'failed' : 'built'} ${name}`),
  })
  expect(events).toEqual(['start impossible', 'failed impossible', 'start pause', 'built pause'])
  expect(failed.map((one) => one.tool.name)).toEqual(['impossible'])
  expect(found[0]).toMatchObject({ state: 'built' })
  // What is there is found again, and nothing starts.
  events.length = 0
  await build([pause], { cache, onStart: ({ name }) => events.push(name) })
  expect(events).toEqual([])
})
