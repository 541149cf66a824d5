import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { entriesOf, type PackageJson, readJson, readWorkspace } from '@atlas/release/packing'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Packed, pack } from './pack.ts'

/** Compiling, packing and installing every package takes its time on a small machine. */
const timeoutMs = 900_000

const repo = join(import.meta.dirname, '../../..')
const bin = (name: string): string => join(repo, 'node_modules/.bin', name)

const workspace = await readWorkspace(repo)
const names = [...workspace.values()]
  .filter(
    ({ folder, json }) =>
      /^packages\/(platform|servlets|libraries)\//.test(folder) && json.exports !== undefined,
  )
  .map(({ json }) => json.name)

/** Outside the repository, where nothing of it can be found by accident. */
let consumer: string
let packed: Map<string, Packed>

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'atlas-consumer-'))
  const all = await pack({ root: repo, out: join(consumer, 'tarballs'), packages: names })
  packed = new Map(all.map((each) => [each.name, each]))
  const dependencies = Object.fromEntries(all.map(({ name, path }) => [name, `file:${path}`]))
  const { devDependencies } = (await readJson(join(repo, 'package.json'))) as {
    devDependencies: Record<string, string>
  }
  await write('package.json', {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies,
    devDependencies: { '@types/node': devDependencies['@types/node'], ...optionalPeers() },
  })
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'])
}, timeoutMs)

afterAll(() => rm(consumer, { recursive: true, force: true }))

test.each(names)('publint finds nothing in the tarball of %s', async (name) => {
  const tarball = await readFile(packed.get(name)!.path)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
})

test.each(names)('the types of %s are right, for ESM and for bundlers', async (name) => {
  const { stdout } = await run(bin('attw'), [
    '--profile',
    'esm-only',
    '--format',
    'json',
    packed.get(name)!.path,
  ])
  expect(JSON.parse(stdout).analysis).toMatchObject({ packageName: name, types: { kind: 'included' } })
})

test.each(names)('%s ships no tests and names no source', async (name) => {
  const folder = join(consumer, 'node_modules', name)
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.startsWith('dist'))
  expect(files.filter((file) => /\.(test|test-d)\./.test(file))).toEqual([])
  const json = (await readJson(join(folder, 'package.json'))) as PackageJson
  expect(entriesOf(json).filter((entry) => entry.startsWith('src/'))).toEqual([])
})

test('every package is installed from its tarball and loads', async () => {
  const entries = await specifiers()
  expect(entries.length).toBeGreaterThanOrEqual(names.length)
  await write(
    'load.js',
    `const loaded = []
    for (const name of ${JSON.stringify(entries)}) {
      const module = await import(name)
      loaded.push([name, import.meta.resolve(name), Object.keys(module).length])
    }
    console.log(JSON.stringify(loaded))`,
  )
  const { stdout } = await run(process.execPath, ['load.js'])
  const loaded = JSON.parse(stdout) as [name: string, url: string, symbols: number][]
  expect(loaded.map(([name]) => name)).toEqual(entries)
  for (const [, url] of loaded) expect(url).toMatch(/\/atlas-consumer-[^/]+\/node_modules\/.*\/dist\//)
})

test.each([
  ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', { module: 'preserve', moduleResolution: 'bundler' }],
])(
  'a consumer that resolves as %s type-checks against every declaration',
  async (kind, resolution) => {
    const uses = (await specifiers()).map(
      (name, index) => `import * as m${index} from '${name}'\nexport const use${index}: object = m${index}`,
    )
    await write(`use-${kind}.ts`, uses.join('\n'))
    // Every declaration is checked, and nothing that only the workspace's own compiler options allow gets through.
    await write(`tsconfig.${kind}.json`, {
      compilerOptions: {
        ...resolution,
        target: 'es2024',
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types: ['node'],
      },
      files: [`use-${kind}.ts`],
    })
    const output = await run(bin('tsc'), ['-p', `tsconfig.${kind}.json`]).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    )
    expect(output).toBe('')
  },
  timeoutMs,
)

/** What some entry needs of those who use it, and npm does not install by itself. */
function optionalPeers(): Record<string, string> {
  const peers = names.flatMap((name) => Object.entries(workspace.get(name)!.json.peerDependencies ?? {}))
  return Object.fromEntries(peers.filter(([name]) => !workspace.has(name)))
}

/** What can be imported from the installed packages as code. */
async function specifiers(): Promise<string[]> {
  const found: string[] = []
  for (const name of names) {
    const json = (await readJson(join(consumer, 'node_modules', name, 'package.json'))) as PackageJson
    for (const [path, target] of Object.entries(json.exports as Record<string, unknown>))
      if (typeof target === 'object' && target !== null && !path.includes('*'))
        found.push(name + path.slice(1))
  }
  return found
}

async function write(file: string, content: string | object): Promise<void> {
  await writeFile(join(consumer, file), typeof content === 'string' ? content : JSON.stringify(content))
}

function run(command: string, args: string[]): Promise<{ stdout: string }> {
  // Without the variables of the npm that runs this test, which belong to another project.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD)/.test(name)),
  )
  return promisify(execFile)(command, args, { cwd: consumer, env, maxBuffer: 64 * 2 ** 20 })
}
