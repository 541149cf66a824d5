import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { toolFolder, toolsNamed } from '@atlas/tools-toolchain'
import { afterAll, expect, test } from 'vitest'
import { fillHome, script } from './home.ts'
import { providerVersion } from './provider.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-home-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function workspace(name: string): Promise<string> {
  const root = join(folder, name)
  const main = join(root, 'node_modules/@atlas/tools-pulumi-kubernetes/src/main.ts')
  const node = join(root, 'node_modules/node/bin/node')
  for (const file of [main, node]) await mkdir(dirname(file), { recursive: true })
  await writeFile(main, '')
  await writeFile(node, `#!/bin/sh\necho ${name} "$2"\n`)
  await chmod(node, 0o755)
  return root
}

test('runs the stand-in of the workspace that the program is in, else that of where it was made', {
  timeout: 120_000,
}, async () => {
  const here = await workspace('here')
  const there = await workspace('there')
  const path = join(folder, 'command')
  await writeFile(path, script('main.ts', here), { mode: 0o755 })
  const program = join(there, 'infra/fleet')
  await mkdir(program, { recursive: true })
  const run = (cwd: string) => execFileSync(path, ['127.0.0.1:1'], { cwd }).toString()
  expect(run(program)).toBe('there 127.0.0.1:1\n')
  expect(run(tmpdir())).toBe('here 127.0.0.1:1\n')
})

const [tool] = toolsNamed(['pulumi'])
const { version } = tool!

/** A command that says that it is Pulumi of a version. */
async function command(path: string, says: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\necho v${says}\n`, { mode: 0o755 })
  return path
}

test('leaves what is official as it is, and says so', { timeout: 120_000 }, async () => {
  const home = join(folder, 'official')
  const files = [
    `versions/${version}/bin/pulumi`,
    `versions/${version}/bin/pulumi-language-nodejs`,
    `plugins/resource-kubernetes-v${providerVersion}/pulumi-resource-kubernetes`,
  ].map((file) => join(home, file))
  for (const file of files) await command(file, file)
  const places = { env: { PATH: join(folder, 'nowhere') }, cache: join(folder, 'empty') }
  const placed = await fillHome(home, folder, places)
  expect(placed).toEqual(files.map((path) => ({ path, state: 'official' })))
  for (const file of files) expect(await readFile(file, 'utf8')).toBe(`#!/bin/sh\necho v${file}\n`)
})

test('takes the Pulumi on PATH when it is of the version that the launcher wants, before the one that was built', {
  timeout: 120_000,
}, async () => {
  const home = join(folder, 'on-path')
  const installed = await command(join(folder, 'bin/pulumi'), version)
  const cache = join(folder, 'cache')
  const built = await command(join(toolFolder(tool!, cache), 'bin/pulumi'), 'built')
  const places = { env: { PATH: dirname(installed) }, cache }
  const path = join(home, `versions/${version}/bin/pulumi`)
  const states = async () => (await fillHome(home, folder, places)).map(({ state }) => state)
  expect(await states()).toEqual(['official', 'stand-in', 'stand-in'])
  expect(await realpath(path)).toBe(await realpath(installed))
  expect(await states()).toEqual(['official', 'stand-in', 'stand-in'])

  // One of another version would be run under a name that it does not have.
  await command(installed, '1.2.3')
  await rm(home, { recursive: true })
  expect(await states()).toEqual(['stand-in', 'stand-in', 'stand-in'])
  expect(await readFile(path, 'utf8')).toBe(await readFile(built, 'utf8'))

  await rm(home, { recursive: true })
  await expect(fillHome(home, folder, { ...places, cache: join(folder, 'empty') })).rejects.toThrow(
    /pulumi is 1\.2\.3\): npm run toolchain -- build pulumi --own/,
  )
})
