import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pack } from './pack.ts'

// Compiling and packing take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const run = promisify(execFile)
const repo = join(import.meta.dirname, '../../..')

let root: string

beforeEach(async () => {
  await mkdir(join(repo, '.atlas'), { recursive: true })
  // Inside the repo, so that zod and the types of Node resolve.
  root = await mkdtemp(join(repo, '.atlas/test-pack-'))
  await write('package.json', { private: true, workspaces: ['packages/platform/*', 'packages/servlets/*'] })
  await write('tsconfig.base.json', await readFile(join(repo, 'tsconfig.base.json'), 'utf8'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

test('packs code, declarations, data, workers and executables so that they run where they are installed', async () => {
  await addPackage('packages/platform/base', {
    json: {
      name: '@a/base',
      version: '1.2.0',
      exports: { '.': './src/index.ts' },
      dependencies: { zod: '^4.6.7' },
    },
    'src/index.ts': `import * as z from 'zod'
      export type { Only } from './only-types.ts'
      export const schema = z.object({ n: z.int() })\n`,
    'src/only-types.ts': `export interface Only { readonly only: true }\n`,
  })
  await addPackage('packages/platform/tool', {
    json: {
      name: '@a/tool',
      version: '2.0.0',
      exports: { '.': './src/index.ts', './settings.schema.json': './schemas/settings.schema.json' },
      bin: { tool: './src/main.ts' },
      scripts: { test: 'false' },
      dependencies: { '@a/base': '*' },
      devDependencies: { vitest: '5.1.1' },
    },
    'settings.json': { greeting: 'hello' },
    'schemas/settings.schema.json': {},
    'src/index.ts': `import { Worker } from 'node:worker_threads'
      import { schema, type Only } from '@a/base'
      import settings from '../settings.json' with { type: 'json' }
      import table from './table.json' with { type: 'json' }
      export const parsed = schema.parse({ n: table.n })
      export const greeting = settings.greeting
      export const only = (): Only | undefined => undefined
      export const page = new URL('./page.html', import.meta.url)
      export const start = () => new Worker(new URL('./worker.ts', import.meta.url))\n`,
    'src/table.json': { n: 42 },
    'src/page.html': '<p>page</p>',
    'src/worker.ts': `import { parentPort } from 'node:worker_threads'\nparentPort?.postMessage('works')\n`,
    'src/main.ts': `#!/usr/bin/env node\nimport { greeting } from './index.ts'\nconsole.log(greeting)\n`,
    'src/index.test.ts': `import 'not-installed'\n`,
    'src/fixtures/broken.ts': `const n: number = 'no'\n`,
  })
  await write('LICENSE', 'do as you like')
  const before = await snapshot()
  const packed = await pack({ root, out: join(root, 'out') })
  expect(await snapshot()).toEqual(before)
  expect(packed.map(({ name, version, path }) => [name, version, path])).toEqual([
    ['@a/base', '1.2.0', join(root, 'out/a-base-1.2.0.tgz')],
    ['@a/tool', '2.0.0', join(root, 'out/a-tool-2.0.0.tgz')],
  ])
  expect(packed[1]!.files.toSorted()).toEqual([
    'LICENSE',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/main.d.ts',
    'dist/main.js',
    'dist/page.html',
    'dist/table.json',
    'dist/worker.d.ts',
    'dist/worker.js',
    'package.json',
    'schemas/settings.schema.json',
    'settings.json',
  ])

  for (const { name, path } of packed) await install(name, path)
  const installed = join(root, 'consumer/node_modules/@a/tool')
  expect(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))).toEqual({
    name: '@a/tool',
    version: '2.0.0',
    type: 'module',
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './settings.schema.json': './schemas/settings.schema.json',
    },
    bin: { tool: './dist/main.js' },
    dependencies: { '@a/base': '^1.2.0' },
    files: ['dist', 'settings.json', 'schemas/settings.schema.json'],
    engines: { node: '>=24' },
  })
  await write(
    'consumer/run.js',
    `import { once } from 'node:events'
    import { readFile } from 'node:fs/promises'
    import { greeting, page, parsed, start } from '@a/tool'
    const [message] = await once(start(), 'message')
    console.log(JSON.stringify([greeting, parsed, await readFile(page, 'utf8'), message]))`,
  )
  const { stdout } = await run(process.execPath, ['run.js'], { cwd: join(root, 'consumer') })
  expect(JSON.parse(stdout)).toEqual(['hello', { n: 42 }, '<p>page</p>', 'works'])
  await access(join(installed, 'dist/main.js'), constants.X_OK)
})

test('packs a servlet with the dependencies of its contract only', async () => {
  await addPackage('packages/servlets/files', {
    json: {
      name: '@acme/files',
      version: '0.3.0',
      private: true,
      exports: { './contract': './src/contract.ts' },
      dependencies: { zod: '^4.6.7', vitest: '*', '@acme/identity': '*' },
    },
    'servlet.json': { owner: 'storage' },
    'src/contract.ts': `import * as z from 'zod'\nexport const files = z.object({})\n`,
    'src/servlet.ts': `import { identity } from '@acme/identity/contract'
      import { vi } from 'vitest'
      import manifest from '../servlet.json' with { type: 'json' }
      import { files } from './contract.ts'
      export default { files, identity, manifest, vi }\n`,
    'src/servlet.test.ts': `test`,
  })
  // Each needs the other's contract, which is fine as long as the contracts do not.
  await addPackage('packages/servlets/identity', {
    json: {
      name: '@acme/identity',
      version: '4.0.0',
      exports: { './contract': './src/contract.ts' },
      dependencies: { '@acme/files': '*' },
    },
    'servlet.json': { owner: 'identity' },
    'src/contract.ts': `export const identity = 'identity'\n`,
    'src/servlet.ts': `import { files } from '@acme/files/contract'\nexport default files\n`,
  })
  const [packed] = await pack({ root, out: join(root, 'out'), packages: ['files'] })
  expect(packed!.files).toEqual(
    expect.arrayContaining(['dist/contract.js', 'dist/contract.d.ts', 'dist/servlet.js', 'servlet.json']),
  )
  expect(packed!.files.filter((file) => file.includes('test'))).toEqual([])
  await install(packed!.name, packed!.path)
  const json = JSON.parse(
    await readFile(join(root, 'consumer/node_modules/@acme/files/package.json'), 'utf8'),
  )
  expect(json.dependencies).toEqual({ zod: '^4.6.7' })
  expect(json).not.toHaveProperty('private')
})

test('refuses what would not work where it is installed, and leaves nothing behind', async () => {
  const json = { name: '@a/x', version: '1.0.0', exports: { '.': './src/index.ts' } }
  const index = 'src/index.ts'
  const problem = async (files: Files) => {
    await addPackage('packages/platform/x', files)
    const message = await pack({ root, out: join(root, 'out') }).then(
      () => 'packed',
      (error: Error) => error.message,
    )
    await rm(join(root, 'packages/platform/x'), { recursive: true })
    return message
  }
  expect(await problem({ json, [index]: `import 'zod'\n` })).toBe(
    '@a/x cannot be packed: dist/index.js imports zod, which its dependencies do not name; add it',
  )
  expect(await problem({ json, [index]: `export type S = import('zod').ZodType\n` })).toContain(
    'dist/index.d.ts imports zod',
  )
  expect(await problem({ json, [index]: `export const n: number = 'text'\n` })).toContain(
    'src/index.ts(1,14): error TS2322',
  )
  expect(await problem({ json: { ...json, exports: { './y': './src/y.ts' } }, [index]: '' })).toContain(
    'package.json names dist/y.js, which is not there',
  )
  expect(await problem({ json: { ...json, bin: './src/index.ts' }, [index]: `console.log(1)\n` })).toContain(
    `bin dist/index.js does not start with '#!/usr/bin/env node'`,
  )
  expect(await readdir(join(root, '.atlas/pack'))).toEqual([])
  await expect(access(join(root, 'out'))).rejects.toThrow('ENOENT')
})

test('says what it knows when asked for a package that is not there', async () => {
  await addPackage('packages/platform/x', { json: { name: '@a/x', version: '1.0.0' } })
  await expect(pack({ root, out: root, packages: ['y'] })).rejects.toThrow(
    `no package is called 'y'; name one of @a/x`,
  )
})

type Files = { json: Record<string, unknown> } & Record<string, string | object>

async function addPackage(folder: string, { json, ...files }: Files): Promise<void> {
  await write(`${folder}/package.json`, { type: 'module', ...json })
  await write(`${folder}/tsconfig.json`, { extends: '../../../tsconfig.base.json', include: ['src'] })
  for (const [file, content] of Object.entries(files)) await write(`${folder}/${file}`, content)
}

async function write(path: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

/** Unpacks a tarball as npm would install it, without asking the registry for its dependencies. */
async function install(name: string, tarball: string): Promise<void> {
  const folder = join(root, 'consumer/node_modules', name)
  await mkdir(folder, { recursive: true })
  await write('consumer/package.json', { type: 'module' })
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
}

async function snapshot(): Promise<Record<string, string>> {
  const entries = await readdir(join(root, 'packages'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')])),
  )
}
