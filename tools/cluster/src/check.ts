import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hierarchies } from './cgroups.ts'

const run = promisify(execFile)

/** Commands of the machine that a cluster is started and entered with, by the Debian package that has them. */
const commands = {
  flock: 'util-linux',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  ip: 'iproute2',
  ldd: 'libc-bin',
} as const

/** Controllers without which kubelet does not start. */
const controllers = ['cpu', 'cpuset', 'memory', 'pids'] as const

/** What is done in namespaces of their own to see whether the kernel lets a cluster do it; each with what to say if not. */
const trials = [
  {
    does: 'mount --make-rprivate / && mount -t tmpfs none "$0" && mkdir "$0/proc" && mount -t proc proc "$0/proc"',
    says: 'this kernel, or the container around it, lets nobody mount file systems in a namespace',
    remedy: 'use a virtual machine, or a container that is privileged',
  },
  {
    does: 'ip link set lo up && ip link add node0 type bridge && ip address add 10.250.0.1/24 dev node0 && ip link set node0 up',
    says: 'a network bridge cannot be made in a network namespace',
    remedy: 'use a kernel with the module "bridge", or a container that is privileged',
  },
  {
    does: 'cd "$0" && mkdir lower upper work merged && mount --make-rprivate / && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged && echo 1 >merged/file',
    says: 'an overlay file system cannot be mounted in the checkout',
    remedy:
      'put the checkout on a disk of its own (a volume): an overlay on top of the layer of a container does not work',
  },
] as const

/**
 * Says why this machine cannot have a cluster with a node, and what to do; undefined when it can, as far as can be seen without
 * starting one. It leaves nothing behind.
 *
 * @param folder of the checkout, where clusters keep their files; need not exist
 */
export async function whyNoCluster(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return `a cluster needs Linux, for its namespaces and cgroups; this is ${process.platform}. Use a virtual machine`
  }
  if (process.getuid?.() !== 0) {
    return 'a cluster needs root, for namespaces, mounts and cgroups: run the same command with sudo'
  }
  for (const [command, debianPackage] of Object.entries(commands)) {
    if (!(await works('sh', ['-c', `command -v ${command}`]))) {
      return `a cluster needs the command ${command}: install the package ${debianPackage}`
    }
  }
  return (await whyNoCgroups()) ?? (await whyNoNamespaces(folder))
}

async function whyNoCgroups(): Promise<string | undefined> {
  const mounts = await readFile('/proc/mounts', 'utf8')
  const missing: string[] = []
  for (const controller of controllers) {
    if (!(await hasController(mounts, controller))) missing.push(controller)
  }
  if (missing.length > 0) {
    return `the cgroups of this machine have no controller for ${missing.join(', ')}: mount them, or give this container those of the machine (docker run --cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup --privileged)`
  }
  for (const root of hierarchies(mounts)) {
    const folder = join(root, `atlas-check-${process.pid}`)
    try {
      await mkdir(folder)
      await rmdir(folder)
    } catch (error) {
      return `no cgroup can be made in ${root} (${(error as Error).message}): mount it writable, or use a container that is privileged`
    }
  }
  return undefined
}

async function hasController(mounts: string, name: string): Promise<boolean> {
  for (const line of mounts.split('\n')) {
    const [, path, kind, options = ''] = line.split(' ')
    if (kind === 'cgroup' && options.split(',').includes(name)) return true
    if (kind !== 'cgroup2' || path === undefined) continue
    const there = await readFile(join(path, 'cgroup.controllers'), 'utf8').catch(() => '')
    if (there.trim().split(' ').includes(name)) return true
  }
  return false
}

async function whyNoNamespaces(checkout: string): Promise<string | undefined> {
  const parent = join(checkout, '.atlas', 'cluster')
  await mkdir(parent, { recursive: true })
  for (const { does, says, remedy } of trials) {
    const folder = await mkdtemp(join(parent, '.check-'))
    try {
      const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child']
      await run('unshare', [...namespaces, 'sh', '-c', does, folder], { timeout: 60_000 })
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      return `${says} (${(stderr || message).trim().split('\n')[0]}): ${remedy}`
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return undefined
}

async function works(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}
