import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildImage, writeLayout } from '@atlas/release'
import { type Api, identity, openApi, pushImage, type Running, until, up } from '@atlas/tools-cluster'
import { fillHome } from '@atlas/tools-pulumi-kubernetes'
import { type Ended, type RunningCommand, start } from './command.ts'

/** The root of this checkout. */
const checkout = join(import.meta.dirname, '../../..')

/** The environment that tests deploy to. */
export const environmentName = 'test'

/** The host at which its product answers. */
export const domain = 'acme.test'

/** A workspace like this one, apart from it, with an environment on the cluster of the tests. */
export interface Fleet {
  readonly running: Running
  readonly api: Api
  readonly root: string
  /** Runs `atlas ...` in it. */
  atlas(...args: string[]): Promise<Ended>
  startAtlas(...args: string[]): RunningCommand
  /** Runs `pulumi ...` in a folder of infra. */
  pulumi(project: 'fleet' | 'platform', ...args: string[]): Promise<Ended>
  startPulumi(project: 'fleet' | 'platform', ...args: string[]): RunningCommand
  write(path: string, content: unknown): Promise<void>
  read(path: string): Promise<string>
  /** Builds and pushes the image of a servlet as it is now, tags the release, and resolves with what a lock says of it. */
  release(servlet: string, version: string): Promise<string>
  /** Writes the lock of the environment. */
  lock(releases: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

/** What is written of the environment besides what a test changes. */
export const environment = {
  domain,
  cluster: 'atlas',
  registry: '127.0.0.1:5000/atlas',
  gateway: { service: 'ClusterIP' },
  defaults: { limits: { cpu: '50m', replicas: { min: 2, max: 4 } }, rollout: { canary: false } },
}

/** Opens a fleet that has nothing deployed yet. `name` keeps what it writes from what other suites write. */
export async function openFleet(
  name: string,
  cluster = process.env.ATLAS_TEST_CLUSTER ?? 'test',
): Promise<Fleet> {
  const running = await up(identity(checkout, cluster), {
    addons: ['gateway', 'flagger', 'prometheus', 'keda'],
  })
  const api = await openApi(running)
  await removeAll(api)
  const root = join(checkout, '.atlas/provisioning', name)
  await rm(root, { recursive: true, force: true })
  const write = async (path: string, content: unknown) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(
      join(root, path),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    )
  }
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.test', ...args], {
      cwd: root,
    })
  await write('package.json', {
    name: 'company',
    private: true,
    type: 'module',
    workspaces: ['packages/servlets/*', 'infra/*'],
  })
  await write('.gitignore', 'node_modules\n.atlas\n')
  const copied = (path: string) => !path.includes('node_modules')
  for (const path of [
    'packages/servlets',
    'infra/fleet',
    'infra/platform',
    'infra/teams.json',
    'infra/base-image.json',
  ])
    await cp(join(checkout, path), join(root, path), { recursive: true, filter: copied })
  await cp(join(checkout, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  await write(`infra/environments/${environmentName}.json`, environment)
  await symlink(join(checkout, 'node_modules'), join(root, 'node_modules'))
  await git('init', '--quiet')
  const home = join(root, '.atlas/home')
  await fillHome(home, checkout)
  await mkdir(join(root, '.atlas/pulumi'), { recursive: true })
  const env = {
    KUBECONFIG: running.kubeconfig,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_BACKEND_URL: `file://${root}/.atlas/pulumi`,
    NO_COLOR: '1',
  }
  const startAtlas = (...args: string[]) =>
    start(process.execPath, [join(checkout, 'packages/platform/cli/src/bin.ts'), ...args], { cwd: root, env })
  const startPulumi = (project: string, ...args: string[]) =>
    start(join(checkout, 'node_modules/.bin/pulumi'), [...args, '--non-interactive', '--color', 'never'], {
      cwd: join(root, 'infra', project),
      env,
    })
  return {
    running,
    api,
    root,
    startAtlas,
    startPulumi,
    atlas: (...args) => startAtlas(...args).ended,
    pulumi: (project, ...args) => startPulumi(project, ...args).ended,
    write,
    read: (path) => readFile(join(root, path), 'utf8'),
    async release(servlet, version) {
      const dir = `packages/servlets/${servlet}`
      const manifest = JSON.parse(await readFile(join(root, dir, 'package.json'), 'utf8'))
      await write(`${dir}/package.json`, { ...manifest, version })
      const image = await buildImage({ root, dir, version })
      const layout = join(root, '.atlas/images', `${servlet}-${version}`)
      await mkdir(layout, { recursive: true })
      await writeLayout(layout, image)
      const reference = await pushImage(running, layout, `atlas/${servlet}:${version}`)
      await git('add', '.')
      await git('commit', '--quiet', '--allow-empty', '-m', `Release ${servlet} ${version}`)
      await git('tag', `${manifest.name}@${version}`)
      return `${version}@${reference.split('@')[1]}`
    },
    lock: (releases) => write(`infra/environments/${environmentName}.lock.json`, releases),
    async close() {
      await removeAll(api)
      api.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Lists of what a fleet makes that belongs to no namespace. */
const shared = [
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/gateway.networking.k8s.io/v1/gatewayclasses',
]

/** What of a fleet is in the cluster, as paths of the API. */
export async function leftIn(api: Api): Promise<string[]> {
  const left: string[] = []
  for (const list of shared) {
    const { items } = await api.get(`${list}?labelSelector=app.kubernetes.io%2Fpart-of%3Datlas-platform`)
    left.push(...items.map(({ metadata }: any) => `${list}/${metadata.name}`))
  }
  const { items } = await api.get('/api/v1/namespaces')
  for (const { metadata } of items)
    if (metadata.name === 'atlas-system' || metadata.labels?.['atlas.dev/servlet'] !== undefined)
      left.push(`/api/v1/namespaces/${metadata.name}`)
  return left
}

/** Takes away what a run before left, or this one. */
async function removeAll(api: Api): Promise<void> {
  for (const path of await leftIn(api)) await api.ask('DELETE', path).catch(() => {})
  await until(
    'what was deployed to be gone',
    async () => ((await leftIn(api)).length === 0 ? true : undefined),
    {
      timeoutMs: 300_000,
      everyMs: 1000,
      why: async () => (await leftIn(api)).join('\n'),
    },
  )
}
