import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillHome, script } from '../home.ts'
import { providerVersion } from '../provider.ts'
import { openSuite, root, type Suite, scratch } from './stack.ts'

const run = promisify(execFile)
const folder = join(scratch, 'program')
let suite: Suite
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  suite = await openSuite()
  env = { ...process.env, ...suite.env }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'Pulumi.yaml'),
    'name: program\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n',
  )
  await writeFile(join(folder, 'package.json'), '{ "name": "program", "type": "module" }')
  await writeFile(
    join(folder, 'index.ts'),
    `import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js'
const maps: ConfigMap[] = []
for (let number = 0; number < 12; number++) {
  const options = maps.length > 0 ? { dependsOn: [maps.at(-1)!] } : {}
  maps.push(new ConfigMap(\`map-\${number}\`, { data: { number: \`\${number}\` } }, options))
}
export const names = maps.map(({ metadata }) => metadata.name)
`,
  )
  await pulumi('stack', 'init', 'dev')
})

afterAll(async () => {
  await suite?.close()
  await rm(folder, { recursive: true, force: true })
})

function pulumi(...args: string[]) {
  return run(process.execPath, [join(root, 'node_modules/pulumi/run.js'), ...args, '--non-interactive'], {
    cwd: folder,
    env,
  })
}

async function maps(): Promise<string[]> {
  const { items } = await suite.api.get('/api/v1/namespaces/default/configmaps')
  return items.map(({ metadata }: any) => metadata.name).filter((name: string) => /^map-\d+-/.test(name))
}

test('a TypeScript program that is killed in the middle converges in the next run', async () => {
  const child: ChildProcess = spawn(
    join(suite.env.PULUMI_HOME!, 'versions/3.255.0/bin/pulumi'),
    ['up', '--yes', '--skip-preview', '--non-interactive'],
    { cwd: folder, env, stdio: 'ignore', detached: true },
  )
  await until('the first objects', async () => ((await maps()).length >= 2 ? true : undefined), {
    timeoutMs: 120_000,
    everyMs: 20,
  })
  process.kill(-child.pid!, 'SIGKILL')
  await once(child, 'exit')
  // The lock of a run that is no more; and what it may have made is not in the state, so the cluster is asked.
  await pulumi('cancel', '--yes')
  await pulumi('up', '--yes', '--skip-preview')
  await pulumi('up', '--yes', '--skip-preview', '--expect-no-changes')
  await pulumi('refresh', '--yes', '--skip-preview', '--expect-no-changes')
  const { stdout } = await pulumi('stack', 'output', '--json')
  const { names } = JSON.parse(stdout) as { names: string[] }
  expect(names).toHaveLength(12)
  expect(await maps()).toEqual(expect.arrayContaining(names))
})

test('destroy leaves nothing of the stack', async () => {
  await pulumi('destroy', '--yes', '--skip-preview')
  // At most the one object that was being made when the run was killed: nobody had written it down.
  const left = await maps()
  expect(left.length).toBeLessThanOrEqual(1)
  for (const name of left) await suite.api.ask('DELETE', `/api/v1/namespaces/default/configmaps/${name}`)
})

test('a program that throws fails the run with its message', async () => {
  await writeFile(join(folder, 'index.ts'), 'throw new Error("the program says no")\n')
  const failure = await pulumi('up', '--yes', '--skip-preview').then(
    () => 'no failure',
    (error) => `${error.stdout}${error.stderr}`,
  )
  expect(failure).toContain('the program says no')
})

test('a provider and a host that are not ours are used where they are installed, also from PATH', async () => {
  await writeFile(
    join(folder, 'index.ts'),
    "import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js'\nnew ConfigMap('map', { data: {} })\n",
  )
  const home = join(folder, 'home')
  const notes = join(folder, 'notes')
  /** As an official one, which is no script of ours: it notes that it was started, and does what ours does. */
  const installed = async (path: string, main: string, name: string) => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.ours`, script(main, root), { mode: 0o755 })
    await writeFile(path, `#!/bin/sh\necho ${name} >>'${notes}'\nexec '${path}.ours' "$@"\n`, { mode: 0o755 })
  }
  const host = join(home, 'versions/3.255.0/bin/pulumi-language-nodejs')
  const plugin = join(home, `plugins/resource-kubernetes-v${providerVersion}/pulumi-resource-kubernetes`)
  await installed(host, 'language-main.ts', 'host')
  await installed(plugin, 'provider-main.ts', 'plugin')
  const states = (await fillHome(home, root)).map(({ state }) => state)
  expect(states).toEqual(['stand-in', 'official', 'official'])
  const started = async (more: NodeJS.ProcessEnv = {}) => {
    await rm(notes, { force: true })
    await run(
      process.execPath,
      [join(root, 'node_modules/pulumi/run.js'), 'preview', '--stack', 'dev', '--non-interactive'],
      {
        cwd: folder,
        env: { ...env, PULUMI_HOME: home, ...more },
      },
    )
    return [...new Set((await readFile(notes, 'utf8')).trim().split('\n'))].toSorted()
  }
  expect(await started()).toEqual(['host', 'plugin'])
  const bin = join(folder, 'bin')
  await installed(join(bin, 'pulumi-resource-kubernetes'), 'provider-main.ts', 'plugin-on-path')
  expect(await started({ PATH: `${bin}:${process.env.PATH}` })).toEqual(['host', 'plugin-on-path'])
})
