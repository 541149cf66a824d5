import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const repo = join(import.meta.dirname, '../../..')
const run = join(import.meta.dirname, 'run.ts')
const packageTest = `vitest run --config ${join(repo, 'vitest.config.ts')} --root .`

let root: string

beforeEach(async () => {
  await mkdir(join(repo, '.atlas'), { recursive: true })
  // Inside the repo, so that imports of vitest resolve; ignored by git, and with an nx.json a workspace of its own.
  root = await mkdtemp(join(repo, '.atlas/test-run-'))
  await write('package.json', JSON.stringify({ name: 'fixture', private: true, workspaces: ['packages/*'] }))
  await write('package-lock.json', JSON.stringify({ name: 'fixture', lockfileVersion: 3, packages: {} }))
  await write(
    'nx.json',
    JSON.stringify({
      analytics: false,
      useDaemonProcess: false,
      // By default nx shares its cache among the checkouts of a repository, in the home.
      cacheDirectory: '.nx/cache',
      targetDefaults: { test: { cache: true, inputs: ['{projectRoot}/**/*'] } },
    }),
  )
  await write(
    'biome.json',
    JSON.stringify({ root: true, formatter: { enabled: false }, assist: { enabled: false } }),
  )
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

test('adds up lint, types and tests of every package, and fails', async () => {
  await addPackage('good', `test('a', () => {}); test('b', () => {}); test.skip('c', () => {})`)
  await addPackage('bad', `test('a', () => {}); test('b', () => { throw new Error('no') })`)
  await addPackage('broken', `import './not-there.ts'`)
  await addPackage('crashing', '', {
    test: 'node -e "process.kill(process.pid, 9)"',
    types: 'node -e "process.exit(3)"',
  })
  await write('packages/good/src/lint.ts', 'debugger\n')

  const { code, lines } = await finished(start())
  expect(lines.slice(-7)).toEqual([
    '✗ biome check . failed',
    '✗ test of bad: 1 failed',
    '✗ test of broken: 1 failed',
    '✗ test of crashing failed',
    '✗ types of crashing failed',
    '3 passed, 5 failed, 1 skipped',
    '',
  ])
  expect(code).toBe(1)
})

test('passes when everything does, and again from the cache with the same count', async () => {
  await addPackage('good', `test('a', () => {}); test('b', () => {})`)
  const fresh = await finished(start())
  expect(fresh).toMatchObject({ code: 0, last: '2 passed, 0 failed' })
  expect(fresh.lines.join('\n')).toMatch(/Cache: +0\/1 hit/)
  const cached = await finished(start())
  expect(cached).toMatchObject({ code: 0, last: '2 passed, 0 failed' })
  expect(cached.lines.join('\n')).toMatch(/Cache: +1\/1 hit/)
})

test('runs only the packages that are named, and fails when that is none', async () => {
  await addPackage('good', `test('a', () => {})`)
  await addPackage('bad', `test('a', () => { throw new Error('no') })`)
  expect(await finished(start('good'))).toMatchObject({ code: 0, last: '1 passed, 0 failed' })
  expect(await finished(start('none'))).toMatchObject({ code: 1, last: '0 passed, 0 failed' })
})

test('ends what it started when interrupted', async () => {
  const started = join(root, 'started')
  const script = `require('fs').writeFileSync('${started}', String(process.pid)); setInterval(() => {}, 1000)`
  await addPackage('endless', '', { test: `node -e "${script}"` })
  const child = start()
  const pid = await pidIn(started)
  child.kill('SIGINT')
  const { code, last } = await finished(child)
  expect({ code, last }).toEqual({ code: 130, last: expect.stringMatching(/^0 passed, \d failed$/) })
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('refuses what it does not know', async () => {
  expect((await finished(start('--nonsense'))).code).toBe(2)
})

async function addPackage(name: string, tests: string, scripts: Record<string, string> = {}): Promise<void> {
  await write(
    `packages/${name}/package.json`,
    JSON.stringify({ name, scripts: { test: packageTest, ...scripts } }),
  )
  if (tests) await write(`packages/${name}/src/some.test.ts`, `import { test } from 'vitest'\n${tests}\n`)
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [run, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function finished(
  child: ChildProcess,
): Promise<{ code: number; lines: string[]; last: string | undefined }> {
  let output = ''
  child.stdout!.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  const lines = output.split('\n')
  return { code, lines, last: lines.at(-2) }
}

async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text) return Number(text)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
