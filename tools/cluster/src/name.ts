import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A cluster of a checkout: what it is called on this machine and where its files are. */
export interface Identity {
  /** The name given by whoever starts it; a checkout may have several clusters. */
  readonly name: string
  /** Unlike any other on this machine: `atlas-` and a hash of the checkout's path and the name. */
  readonly id: string
  /** The folder of everything that it writes, in the checkout. */
  readonly folder: string
}

/**
 * The cluster `name` of a checkout. Two checkouts never share one, as the path is part of the id.
 *
 * @throws Error when the name is not a word of lower-case letters, digits and hyphens
 */
export function identity(checkout: string, name = 'default'): Identity {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `"${name}" cannot be the name of a cluster: use up to 32 lower-case letters, digits and hyphens, such as "test"`,
    )
  }
  const path = realpathSync(checkout)
  const hash = createHash('sha256').update(`${path}\n${name}`).digest('hex').slice(0, 8)
  return { name, id: `atlas-${hash}`, folder: join(path, '.atlas', 'cluster', name) }
}

/** The clusters of a checkout that run, or left something, in the order of their names. */
export async function clustersOf(checkout: string): Promise<Identity[]> {
  const entries = await readdir(join(checkout, '.atlas', 'cluster'), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && /^[a-z0-9]/.test(entry.name))
    .map(({ name }) => identity(checkout, name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
