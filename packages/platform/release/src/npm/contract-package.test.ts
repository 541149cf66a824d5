import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../fixtures/workspace.ts'
import { type ContractPackage, contractPackage } from './contract-package.ts'

/** The compiler takes its time on a busy machine. */
const timeoutMs = 120_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-contract-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test(
  'has what the contract reaches, and depends on what that imports',
  async () => {
    const made = await contractPackage(root, 'packages/servlets/greeter', '3.2.1')
    expect(made.json).toMatchObject({
      name: '@acme/greeter',
      version: '3.2.1',
      exports: { './contract': { types: './dist/contract.d.ts', default: './dist/contract.js' } },
    })
    expect(Object.keys(made.json.dependencies!)).toEqual(['@atlas/contract', 'zod'])
    expect([...made.files.keys()].filter((file) => !/README|LICENSE|CHANGELOG/.test(file)).sort()).toEqual([
      'dist/contract.d.ts',
      'dist/contract.js',
      'interface.json',
      'package.json',
    ])
    const again = await contractPackage(root, 'packages/servlets/greeter', '3.2.1')
    expect(again.integrity).toBe(made.integrity)
    expect((await contractPackage(root, 'packages/servlets/greeter', '3.2.2')).integrity).not.toBe(
      made.integrity,
    )
  },
  timeoutMs,
)

test(
  'has the libraries in it that the contract imports, and no driver of a database',
  async () => {
    const { json, files } = await contractPackage(root, 'packages/servlets/files')
    expect(json.bundleDependencies).toEqual(['@acme/journals'])
    expect(Object.keys(json.dependencies!)).toEqual(['@acme/journals', '@atlas/contract', 'zod'])
    expect([...files.keys()]).toContain('node_modules/@acme/journals/package.json')
    expect([...files.keys()].join(' ')).not.toMatch(/servlet\.js|schema\.js|drizzle|\.test\./)
  },
  timeoutMs,
)

describe.each(['packages/servlets/greeter', 'packages/servlets/files', 'packages/servlets/activity'])(
  '%s',
  (dir) => {
    let made: ContractPackage
    beforeAll(async () => {
      made = await contractPackage(root, dir)
    }, timeoutMs)

    test('publint finds nothing', async () => {
      const { messages, pkg } = await publint({
        pack: { tarball: new Uint8Array(made.tarball).buffer },
        strict: true,
      })
      expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
    })

    test(
      'the types are right, for ESM and for bundlers',
      async () => {
        const file = join(folder, `${made.name.split('/')[1]}.tgz`)
        await writeFile(file, made.tarball)
        const attw = join(root, 'node_modules/.bin/attw')
        const { stdout } = await promisify(execFile)(attw, [
          '--profile',
          'esm-only',
          '--format',
          'json',
          file,
        ])
        expect(JSON.parse(stdout).analysis).toMatchObject({
          packageName: made.name,
          types: { kind: 'included' },
        })
      },
      timeoutMs,
    )
  },
)

test('what is no package of the workspace is refused with the remedy', async () => {
  await expect(contractPackage(root, 'packages/servlets/none')).rejects.toThrow(
    'packages/servlets/none is no package of this workspace; name the folder of a servlet',
  )
})
