import { readdir, readFile, readlink } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { cgroupsOf } from '../cgroups.ts'
import type { Running } from '../cluster.ts'
import type { Identity } from '../name.ts'
import { findFirstProcess, processesWith } from '../processes.ts'
import { configPath } from '../write-state.ts'

/** What of the machine clusters could leave something in: equal before and after when they left nothing. */
export async function machine(clusters: readonly Identity[]): Promise<object> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes('atlas'))
  return {
    mounts,
    interfaces: Object.keys(networkInterfaces()),
    clusters: await Promise.all(
      clusters.map(async (which) => ({
        cgroups: await cgroupsOf(which.id),
        first: await findFirstProcess(configPath(which)),
        folders: (await readdir(join(which.folder, '..')).catch(() => [])).filter(
          (name) => name === which.name,
        ),
      })),
    ),
    kernel: await Promise.all(
      ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'].map((name) =>
        readFile(`/proc/sys/${name}`, 'utf8'),
      ),
    ),
    systemFolders: await Promise.all(
      ['/var/lib', '/var/log', '/run', '/etc', '/usr/libexec'].map((path) => readdir(path)),
    ),
  }
}

/** The processes of a cluster and the namespaces that they are in, to be looked for after its end. */
export interface Inhabitants {
  readonly namespaces: ReadonlySet<string>
  readonly processes: readonly string[]
}

/** Notes who is in the namespaces of a cluster. */
export async function inhabitantsOf(running: Running): Promise<Inhabitants> {
  const namespaces = await namespacesOf(running)
  return { namespaces, processes: await usersOf(namespaces) }
}

/**
 * Of these, who is there still. A namespace without a process has gone, with its mounts and devices. Its number may be another's by now, and so
 * may that of a process; both at once would be a strange chance.
 */
export async function remaining({ namespaces, processes }: Inhabitants): Promise<string[]> {
  return (await usersOf(namespaces)).filter((pid) => processes.includes(pid))
}

const kinds = ['pid', 'mnt', 'net', 'uts', 'ipc'] as const

/** The namespaces of a cluster and of its pods, which are not the machine's, as the kernel numbers them. */
async function namespacesOf({ pid }: Running): Promise<Set<string>> {
  const found = new Set<string>()
  for (const one of await processesWith(pid)) for (const name of await namespaces(one.pid)) found.add(name)
  for (const name of await namespaces(process.pid)) found.delete(name)
  return found
}

/** The processes, of whoever, that are in one of these namespaces. */
async function usersOf(wanted: ReadonlySet<string>): Promise<string[]> {
  const users: string[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    if ((await namespaces(Number(entry))).some((name) => wanted.has(name))) users.push(entry)
  }
  return users
}

async function namespaces(pid: number): Promise<string[]> {
  const names = await Promise.all(
    kinds.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => undefined)),
  )
  return names.filter((name) => name !== undefined)
}
