import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isOfTheMachine } from './cluster-tools.ts'
import { clusterSuites } from './suites.ts'

const repo = join(import.meta.dirname, '../../..')
const script = `vitest run --config ${join(repo, 'vitest.cluster.config.ts')} --root .`

let root: string

beforeEach(async () => {
  await mkdir(join(repo, '.atlas'), { recursive: true })
  // Inside the repo, so that imports of vitest resolve; ignored by git.
  root = await mkdtemp(join(repo, '.atlas/test-cluster-'))
  await write('package.json', JSON.stringify({ name: 'fixture', private: true, workspaces: ['packages/*'] }))
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'))
  await symlink(join(repo, 'vitest.cluster.config.ts'), join(root, 'vitest.cluster.config.ts'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

test('finds the packages that have tests to run', async () => {
  await addSuite('b', { 'some.cluster.ts': '' })
  await addSuite('a', { 'slow.full.cluster.ts': '' })
  await addSuite('c', {})
  await write('packages/d/package.json', JSON.stringify({ name: 'd', scripts: { test: 'true' } }))
  expect((await clusterSuites(root, false)).map(({ name }) => name)).toEqual(['b'])
  expect((await clusterSuites(root, true)).map(({ name }) => name)).toEqual(['a', 'b'])
})

test('adds up the suites, one after another, and fails', { timeout: 120_000 }, async () => {
  await addSuite('good', {
    'some.cluster.ts': `test('a', () => {}); test.skip('b', () => {})`,
    'slow.full.cluster.ts': `test('c', () => {})`,
  })
  await addSuite('bad', { 'some.cluster.ts': `test('a', () => { throw new Error('no') })` })
  await addSuite('crashing', { 'some.cluster.ts': '' }, 'exit 7')
  const { code, lines } = await finished(start('there'))
  expect(lines.slice(-4)).toEqual([
    '✗ test:cluster of bad: 1 failed',
    '✗ test:cluster of crashing ended without a count (exit code 7)',
    '1 passed, 2 failed, 1 skipped',
    '',
  ])
  expect(code).toBe(1)
  expect((await finished(start('there', '--full'))).lines.at(-2)).toBe('2 passed, 2 failed, 1 skipped')
})

test('counts the tests as skipped, and says why, where there can be no cluster', {
  timeout: 120_000,
}, async () => {
  await addSuite('good', {
    'some.cluster.ts': `test('a', () => { throw new Error('it ran') }); test.each([1, 2])('b %d', () => {})`,
    'slow.full.cluster.ts': `test('c', () => {})`,
  })
  const { code, lines } = await finished(start('no root'))
  expect(lines.slice(-4)).toEqual([
    '3 tests need a cluster and were skipped: no root',
    '',
    '0 passed, 0 failed, 3 skipped',
    '',
  ])
  expect(code).toBe(0)
  // A file that cannot be read would not run anywhere.
  await addSuite('broken', { 'some.cluster.ts': `import './not-there.ts'` })
  expect(await finished(start('no root'))).toMatchObject({ code: 1 })
})

test('ends a suite when interrupted', { timeout: 120_000 }, async () => {
  const started = join(root, 'started')
  await addSuite(
    'endless',
    { 'some.cluster.ts': '' },
    `node -e "require('fs').writeFileSync('${started}', String(process.pid)); setInterval(() => {}, 1000)"`,
  )
  await addSuite('next', { 'some.cluster.ts': `test('a', () => {})` })
  const child = start('there')
  const pid = await pidIn(started)
  child.kill('SIGTERM')
  const { code, lines } = await finished(child)
  expect({ code, last: lines.at(-2) }).toEqual({ code: 130, last: '0 passed, 1 failed' })
  // Whoever adopts it may wait for it a moment later.
  await expect.poll(() => runs(pid)).toBe(false)
})

test.each([
  ['install Go 1.26 or newer (https://go.dev/dl) and put it on PATH; there is none', true],
  [
    'go install failed (exit code 1). go: x: dial tcp: lookup proxy.golang.org on 127.0.0.53:53: no such host',
    true,
  ],
  ['apt-get download failed (exit code 100). E: Failed to fetch http://deb.example/x.deb', true],
  ['go build failed (exit code 1). ./main.go:3:8: undefined: nothing', false],
  ['kwok was made and has no bin/kwok: its recipe in tools.ts does not fit it', false],
])('tells what the machine lacks from a mistake: %j', (message, expected) => {
  expect(isOfTheMachine(message)).toBe(expected)
})

async function addSuite(name: string, files: Record<string, string>, command = script): Promise<void> {
  await write(`packages/${name}/package.json`, JSON.stringify({ name, scripts: { 'test:cluster': command } }))
  for (const [file, tests] of Object.entries(files)) {
    await write(`packages/${name}/src/${file}`, `import { test } from 'vitest'\n${tests}\n`)
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

/** Starts what `npm run test:cluster` does once the tools are there, or once they are known not to be. */
function start(tools: string, ...args: string[]): ChildProcess {
  const source = (file: string) => JSON.stringify(join(import.meta.dirname, file))
  const program = `
    import { runSuites, skipSuites } from ${source('cluster-steps.ts')}
    import { report } from ${source('report.ts')}
    const [tools, full] = process.argv.slice(1)
    process.exitCode = await report(process.cwd(), ({ children, goesOn }) => {
      const run = { root: process.cwd(), children, goesOn, full: full === '--full' }
      return tools === 'there' ? runSuites(run) : skipSuites(run, tools)
    })`
  return spawn(
    process.execPath,
    ['--input-type=module-typescript', '--eval', program, '--', tools, ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
}

async function finished(child: ChildProcess): Promise<{ code: number; lines: string[] }> {
  let output = ''
  child.stdout!.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  return { code, lines: output.split('\n') }
}

async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/\) [ZX] /.test(stat)
}

async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text) return Number(text)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
