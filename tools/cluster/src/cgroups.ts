import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The roots of the hierarchies of cgroups, as /proc/mounts of this machine has them. */
export function hierarchies(mounts: string): string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , kind]) => kind === 'cgroup' || kind === 'cgroup2')
    .flatMap(([, path]) => (path === undefined ? [] : [path]))
}

/** Makes the folder of a cluster in every hierarchy, for kubelet to keep pods in. */
export async function makeCgroups(id: string): Promise<void> {
  for (const root of await roots()) {
    const folder = join(root, id)
    await mkdir(folder, { recursive: true })
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      // A new cpuset of version 1 is empty, and nothing may run in an empty one.
      const value = await readFile(join(root, file), 'utf8').catch(() => undefined)
      if (value !== undefined && value.trim() !== '')
        await writeFile(join(folder, file), value).catch(() => {})
    }
    await passOn(root)
    await passOn(folder)
  }
}

/** Lets the folders below a cgroup of version 2 have its controllers; those of version 1 always have. */
async function passOn(folder: string): Promise<void> {
  const controllers = await readFile(join(folder, 'cgroup.controllers'), 'utf8').catch(() => '')
  const wanted = controllers.trim().split(' ')
  if (controllers.trim() === '') return
  await writeFile(
    join(folder, 'cgroup.subtree_control'),
    wanted.map((controller) => `+${controller}`).join(' '),
  )
}

/** Removes the folders of a cluster whose processes have ended. */
export async function removeCgroups(id: string): Promise<void> {
  for (const root of await roots()) await remove(join(root, id))
}

/** The folders of a cluster that are there. */
export async function cgroupsOf(id: string): Promise<string[]> {
  const found: string[] = []
  for (const root of await roots()) {
    const entries = await readdir(root).catch((): string[] => [])
    if (entries.includes(id)) found.push(join(root, id))
  }
  return found
}

async function remove(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await remove(join(folder, entry.name))
  // A process that was killed a moment ago may still be counted in it.
  for (let attempt = 0; ; attempt++) {
    try {
      await rmdir(folder)
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || attempt >= 200) throw error
      await sleep(25)
    }
  }
}

async function roots(): Promise<string[]> {
  return hierarchies(await readFile('/proc/mounts', 'utf8'))
}
