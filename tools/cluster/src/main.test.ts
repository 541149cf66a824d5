import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = await mkdtemp(join(tmpdir(), 'atlas-cluster-main-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

function cluster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') }
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

test('explains itself when the command is wrong', { timeout: 60_000 }, async () => {
  expect(await cluster()).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^up, down, check,[\s\S]*npm run cluster/),
  })
  expect(await cluster('upp')).toMatchObject({ code: 2, stderr: expect.stringContaining('upp is none of') })
  expect(await cluster('up', '--nam', 'x')).toMatchObject({ code: 2 })
  expect(await cluster('load')).toMatchObject({ code: 2 })
})

test('says that there is no cluster', { timeout: 60_000 }, async () => {
  expect(await cluster('status')).toMatchObject({ code: 1, stdout: 'Cluster default does not run\n' })
  expect(await cluster('down')).toMatchObject({ code: 0, stdout: 'There is no cluster default\n' })
  expect(await cluster('shell')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('npm run cluster -- up'),
  })
})

test('says whether this machine can have a cluster, and changes nothing', { timeout: 60_000 }, async () => {
  const { code, stdout } = await cluster('check')
  expect(stdout).toMatch(code === 0 ? /^This machine can have a cluster\./ : /cannot have a cluster: .+: .+/)
  const left = await readdir(join(folder, '.atlas/cluster')).catch((): string[] => [])
  expect(left.filter((name) => name.startsWith('.check'))).toEqual([])
})

test('says what is missing, and starts nothing', { timeout: 60_000 }, async () => {
  const { code, stderr } = await cluster('up')
  expect(code).toBe(1)
  // As root the tools are what is missing, else it is root.
  expect(stderr).toMatch(process.getuid?.() === 0 ? /tools are missing:[\s\S]*npm run toolchain/ : /sudo/)
  expect(await cluster('up', '--addons', 'nothing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nothing: no such add-on'),
  })
})
