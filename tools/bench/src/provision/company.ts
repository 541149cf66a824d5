import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Running } from '@atlas/tools-cluster'
import { fillHome } from '@atlas/tools-pulumi-kubernetes'
import { manyServlets, nameOf } from '../placement/many-servlets.ts'

const repo = resolve(import.meta.dirname, '../../../..')

/** A workspace of many servlets, and the commands that deploy it. */
export interface Company {
  readonly root: string
  readonly servlets: readonly string[]
  /** Says in the lock that one of them has another image, or none of them again. */
  change(index?: number): Promise<void>
  /** Gives every servlet the stack that one of them has, so that a backend is as full as that of a fleet which was deployed stack by stack. */
  copyStack(of: number): Promise<void>
  /** Runs a command in the root and resolves with how long it took and what it printed. */
  run(command: string, args: readonly string[], cwd?: string): Promise<{ seconds: number; stdout: string }>
  atlas(...args: string[]): Promise<{ seconds: number; stdout: string }>
  pulumi(project: string, ...args: string[]): Promise<{ seconds: number; stdout: string }>
}

/** Makes a workspace of `count` servlets, numbered from `first` on, whose environment `bench` is on a cluster. */
export async function makeCompany(
  root: string,
  { count, first, running }: { readonly count: number; readonly first: number; readonly running: Running },
): Promise<Company> {
  await manyServlets(root, count, first)
  for (const project of ['fleet', 'platform'])
    await cp(join(repo, 'infra', project), join(root, 'infra', project), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  // One stack for all servlets, as most who use Pulumi would write it.
  await cp(join(root, 'infra/fleet'), join(root, 'infra/whole'), { recursive: true })
  await writeFile(
    join(root, 'infra/whole/Pulumi.yaml'),
    'name: whole\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n',
  )
  await writeFile(join(root, 'infra/whole/index.ts'), wholeProgram)
  await writeFile(
    join(root, 'infra/environments/bench.json'),
    JSON.stringify({
      cluster: 'atlas',
      registry: '127.0.0.1:5000/atlas',
      domain: 'acme.test',
      gateway: { service: 'ClusterIP' },
    }),
  )
  await symlink(join(repo, 'node_modules'), join(root, 'node_modules'))
  await mkdir(join(root, '.atlas/pulumi'), { recursive: true })
  const home = join(root, '.atlas/home')
  await fillHome(home, repo)
  const servlets = Array.from({ length: count }, (_, index) => nameOf(first + index))
  const env = {
    ...process.env,
    KUBECONFIG: running.kubeconfig,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${root}/.atlas/pulumi`,
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  }
  let changes = 0
  const run: Company['run'] = async (command, args, cwd = root) => {
    const began = performance.now()
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, said] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    const [code] = (await once(child, 'close')) as [number | null]
    const seconds = (performance.now() - began) / 1000
    if (code !== 0)
      throw new Error(`${command} ${args.join(' ')} ends with ${code}:\n${stdout.slice(-2000)}\n${said}`)
    return { seconds, stdout }
  }
  const company: Company = {
    root,
    servlets,
    async change(changed) {
      changes += 1
      const digest = (index: number) => String(index === changed ? changes : 0).padStart(64, '0')
      const lock = servlets.map((servlet, index) => [servlet, `0.1.0@sha256:${digest(index)}`])
      await writeFile(
        join(root, 'infra/environments/bench.lock.json'),
        JSON.stringify(Object.fromEntries(lock)),
      )
    },
    async copyStack(of) {
      const stacks = join(root, '.atlas/pulumi/.pulumi/stacks/fleet')
      const own = servlets[of]!
      const state = await readFile(join(stacks, `${own}.bench.json`), 'utf8')
      for (const servlet of servlets)
        if (servlet !== own)
          await writeFile(join(stacks, `${servlet}.bench.json`), state.replaceAll(own, servlet))
    },
    run,
    atlas: (...args) => run(process.execPath, [join(repo, 'packages/platform/cli/src/bin.ts'), ...args]),
    pulumi: (project, ...args) =>
      run(
        join(repo, 'node_modules/.bin/pulumi'),
        [...args, '--non-interactive', '--color', 'never'],
        join(root, 'infra', project),
      ),
  }
  await company.change()
  return company
}

const wholeProgram = `import { join } from 'node:path'
import { readPlacement } from '@atlas/provision'
import { clusterProvider, ServletCluster } from '@atlas/provision/pulumi'

const placement = await readPlacement(join(import.meta.dirname, '../..'), 'bench')
const provider = clusterProvider(placement)
for (const servlet of placement.servlets)
  new ServletCluster(servlet, { provisioned: placement.provisioned(servlet) }, { provider })
`
