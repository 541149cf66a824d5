import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, type Found, locked, requireTools, toolsNamed } from '@atlas/tools-toolchain'
import { inside } from './addresses.ts'
import { Api } from './api.ts'
import { makeCgroups, removeCgroups } from './cgroups.ts'
import { type Binaries, components } from './components.ts'
import type { Identity } from './name.ts'
import { findFirstProcess, killFirstProcess } from './processes.ts'
import { configPath, kubeconfigPath, superviseConfig, writeKubeconfigs, writeState } from './write-state.ts'

const run = promisify(execFile)

/** What a cluster is made of. */
export interface Shape {
  /** No node with containers: nodes and pods are played by kwok. */
  readonly controlPlane: boolean
}

/** A cluster that runs. */
export interface Running {
  readonly identity: Identity
  /** The first process of its namespaces, as the machine numbers it. */
  readonly pid: number
  /** Ports of the machine's loopback: the API server, the registry, and a proxy that leads to any address inside by CONNECT. */
  readonly ports: { readonly api: number; readonly registry: number; readonly proxy: number }
  readonly shape: Shape
  readonly kubeconfig: string
}

/** Names of the tools that every cluster of a shape needs. */
export function toolNames({ controlPlane }: Shape): string[] {
  return controlPlane
    ? ['kubernetes', 'supervise', 'crane', 'kwok']
    : ['kubernetes', 'supervise', 'pause', 'containerd', 'nftables', 'crane', 'coredns', 'metrics-server']
}

/** Runs a function while no other command starts or ends the same cluster. */
export async function exclusively<Result>(identity: Identity, run: () => Promise<Result>): Promise<Result> {
  // Beside the folder, which is removed while the lock is held.
  await mkdir(dirname(identity.folder), { recursive: true })
  return locked(`${identity.folder}.lock`, run)
}

/** The cluster, if it runs. */
export async function findRunning(identity: Identity): Promise<Running | undefined> {
  const pid = await findFirstProcess(configPath(identity))
  if (pid === undefined) return undefined
  const text = await readFile(join(identity.folder, 'started.json'), 'utf8').catch(() => undefined)
  // Killed between its start and the note of it: of no use, since nobody knows its ports.
  if (text === undefined) return undefined
  const { ports, shape } = JSON.parse(text) as Pick<Running, 'ports' | 'shape'>
  return { identity, pid, ports, shape, kubeconfig: kubeconfigPath(identity) }
}

/** Starts the processes of a cluster from an empty folder. Call it inside {@link exclusively}. */
export async function start(identity: Identity, shape: Shape): Promise<Running> {
  requireRoot()
  const found = await requireTools(toolsNamed(toolNames(shape)))
  await end(identity)
  const binaries = await binariesInside(found, shape)
  const supervise = superviseConfig(identity, cacheFolder(), components(binaries))
  const containerd = found.get('containerd')
  await writeState(identity, supervise, {
    cni: containerd === undefined ? '' : dirname(seenInside(containerd.binaries.bridge!)),
    runc: containerd === undefined ? '' : seenInside(containerd.binaries.runc!),
    stages: await kwokStages(found.get('kwok')),
  })
  await makeCgroups(identity.id)
  // The name that it is called by says that it is kubectl; see tools/toolchain/go/kubernetes.
  await mkdir(join(identity.folder, 'bin'), { recursive: true })
  await symlink(found.get('kubernetes')!.binaries.kubernetes!, join(identity.folder, 'bin', 'kubectl'))
  const program = found.get('supervise')!.binaries.supervise!
  await run(program, ['pki', configPath(identity)])
  const { stdout } = await run(program, ['start', configPath(identity)])
  const { pid, ports } = JSON.parse(stdout) as Pick<Running, 'pid' | 'ports'>
  await writeKubeconfigs(identity, ports.api)
  await writeFile(join(identity.folder, 'started.json'), JSON.stringify({ ports, shape }))
  return { identity, pid, ports, shape, kubeconfig: kubeconfigPath(identity) }
}

/**
 * Ends a cluster, in whatever state it is, and removes what it left. It can be interrupted anywhere and called again. Call it
 * inside {@link exclusively}.
 *
 * @returns whether there was anything to end
 */
export async function end(identity: Identity): Promise<boolean> {
  const there = await stat(identity.folder).then(
    () => true,
    () => false,
  )
  let ended = false
  for (;;) {
    const pid = await findFirstProcess(configPath(identity))
    if (pid === undefined) break
    await killFirstProcess(pid)
    ended = true
  }
  await removeCgroups(identity.id)
  // Last: as long as the folder is there, whoever looks knows that something may be left.
  await rm(identity.folder, { recursive: true, force: true })
  return ended || there
}

/** The API server of a running cluster. */
export function openApi({ identity, ports }: Running): Promise<Api> {
  return Api.open(join(identity.folder, 'pki'), ports.api)
}

/** The last lines of a component's log. */
export async function logTail(identity: Identity, component: string, lines = 8): Promise<string> {
  const path = join(identity.folder, 'log', `${component}.log`)
  const text = await readFile(path, 'utf8').catch(() => '')
  return `${path} ends with\n${text
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join('\n')}`
}

/** Runs this cluster's kubectl on the machine. */
export async function kubectl(
  running: Running,
  args: readonly string[],
  input?: string,
): Promise<{ stdout: string; stderr: string }> {
  const program = join(running.identity.folder, 'bin', 'kubectl')
  const asked = run(program, [`--kubeconfig=${running.kubeconfig}`, ...args], {
    maxBuffer: 256 * 1024 * 1024,
  })
  asked.child.stdin?.end(input)
  return asked
}

function requireRoot(): void {
  if (process.platform !== 'linux') {
    throw new Error(`a cluster needs Linux, for its namespaces and cgroups; this is ${process.platform}`)
  }
  if (process.getuid?.() !== 0) {
    throw new Error(
      'a cluster needs root, for namespaces, mounts and cgroups: run the same command with sudo',
    )
  }
}

async function binariesInside(found: Map<string, Found>, { controlPlane }: Shape): Promise<Binaries> {
  const path = (tool: string, binary: string) => seenInside(found.get(tool)!.binaries[binary]!)
  const folders = [...found.values()].flatMap(({ binaries }) => Object.values(binaries).map(dirname))
  const libraries = [...found.values()]
    .filter(({ folder, tool }) => folder !== undefined && tool.recipe.kind === 'debian')
    .flatMap(({ folder }) =>
      [
        'usr/lib/x86_64-linux-gnu',
        'lib/x86_64-linux-gnu',
        'usr/lib/aarch64-linux-gnu',
        'lib/aarch64-linux-gnu',
      ].map((part) => seenInside(join(folder!, part))),
    )
  return {
    kubernetes: path('kubernetes', 'kubernetes'),
    crane: path('crane', 'crane'),
    containerd: controlPlane ? '' : path('containerd', 'containerd'),
    path: [...new Set(folders.map(seenInside))],
    libraries,
    ...(controlPlane ? { kwok: path('kwok', 'kwok') } : {}),
  }
}

/** Files of the stages that make played nodes and pods ready at once. */
async function kwokStages(kwok: Found | undefined): Promise<string[]> {
  if (kwok?.folder === undefined) return []
  const folders = ['node/fast', 'pod/fast', 'node/heartbeat-with-lease'].map((part) =>
    join(kwok.folder!, 'share/kustomize/stage', part),
  )
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((file) => join(folder, file))),
  )
  return files.flat().filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
}

/** A path of the toolchain's cache as it is seen inside; others are the same there. */
function seenInside(path: string): string {
  const cache = cacheFolder()
  return path.startsWith(`${cache}/`) ? `${inside.tools}${path.slice(cache.length)}` : path
}
