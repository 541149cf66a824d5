import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@atlas/tools-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
