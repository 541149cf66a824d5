import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endOrphan } from './orphan.ts'
import type { Unprivileged } from './unprivileged.ts'

/** The files of a server's folder. */
export interface Layout {
  /** `postgres/data`, or elsewhere: see {@link layoutOf}. */
  readonly data: string
  /** How to reach the keeper. */
  readonly keeper: string
  /** Port and password, which stay the same from start to start. */
  readonly settings: string
  readonly log: string
  /** Held by the one keeper. */
  readonly lock: string
}

/** The files in a server's folder that do not depend on who runs it. */
export function filesOf(folder: string): Omit<Layout, 'data'> {
  return {
    keeper: join(folder, 'keeper.json'),
    settings: join(folder, 'settings.json'),
    log: join(folder, 'postgres.log'),
    lock: join(folder, 'lock'),
  }
}

/**
 * Where a server's files are. The data are in the folder itself; but where root runs Atlas in a place that the server's
 * unprivileged user cannot enter, such as /root, they are in a folder of that user's own, and the folder says which.
 */
export async function layoutOf(folder: string, owner: Unprivileged | undefined): Promise<Layout> {
  const files = filesOf(folder)
  await mkdir(folder, { recursive: true })
  if (!owner || owner.mayEnter(folder)) return { ...files, data: join(folder, 'data') }
  const elsewhere = join(owner.home, 'data')
  await mkdir(elsewhere, { recursive: true, mode: 0o755 })
  await forget(elsewhere)
  const note = join(folder, 'elsewhere')
  const known = await readFile(note, 'utf8').catch(() => undefined)
  const id = known ?? randomBytes(8).toString('hex')
  if (known === undefined) await writeFile(note, id)
  const own = join(elsewhere, id)
  await mkdir(own, { recursive: true, mode: 0o755 })
  await writeFile(join(own, 'of'), note)
  await chown(own, owner.uid, owner.gid)
  return { ...files, data: join(own, 'data') }
}

/** Removes data whose workspace is gone, or was told to begin anew by deleting its `.atlas`. */
async function forget(elsewhere: string): Promise<void> {
  for (const id of await readdir(elsewhere)) {
    const own = join(elsewhere, id)
    const note = await readFile(join(own, 'of'), 'utf8').catch(() => undefined)
    // Without a note somebody is just making it.
    if (note === undefined || (await readFile(note, 'utf8').catch(() => undefined)) === id) continue
    // Its keeper was killed before it could end it.
    await endOrphan(join(own, 'data'))
    await rm(own, { recursive: true, force: true })
  }
}
