import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Which release of a servlet an environment runs. */
export interface LockedRelease {
  readonly version: string
  /** Of its image, `sha256:...`. */
  readonly digest: string
}

/** What an environment runs, by servlet, in the order of their names. */
export type EnvironmentLock = Readonly<Record<string, LockedRelease>>

/** A lock cannot be read or understood. The message has the file, the field and the remedy. */
export class LockError extends Error {
  override readonly name = 'LockError'
}

/** The lock of an environment, relative to the root. */
export function lockFile(environment: string): string {
  return `infra/environments/${environment}.lock.json`
}

const entry = /^(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)@(sha256:[0-9a-f]{64})$/

/**
 * Reads the text of a lock: `{ "greeter": "1.4.0@sha256:..." }`.
 *
 * @throws LockError when it is none
 */
export function parseLock(text: string, file: string): EnvironmentLock {
  const remedy = `releases write it; restore it with git checkout HEAD -- ${file}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new LockError(`${file} is no JSON (${(error as Error).message}); ${remedy}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LockError(`${file} is no object of servlets; ${remedy}`)
  // Nothing is found in it but what it says, not even 'constructor'.
  const lock: Record<string, LockedRelease> = Object.create(null)
  for (const [servlet, release] of sorted(value).filter(([name]) => name !== '$schema')) {
    const match = typeof release === 'string' ? entry.exec(release) : null
    if (!match)
      throw new LockError(
        `${file} (${servlet}): ${JSON.stringify(release)} is no "version@sha256:<64 digits>"; ${remedy}`,
      )
    lock[servlet] = { version: match[1]!, digest: match[2]! }
  }
  return lock
}

/** The text of a lock. */
export function lockText(lock: EnvironmentLock): string {
  const entries = sorted(lock).map(([servlet, { version, digest }]) => [servlet, `${version}@${digest}`])
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`
}

/**
 * Reads what an environment runs: nothing, if it has no lock.
 *
 * @throws LockError when there is one that cannot be read or understood
 */
export async function readLock(root: string, environment: string): Promise<EnvironmentLock> {
  const file = lockFile(environment)
  const text = await readFile(join(root, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw new LockError(
      `${file} cannot be read (${error.code}); ${error.code === 'EISDIR' ? 'remove the folder of that name' : 'make it readable'}`,
    )
  })
  return parseLock(text, file)
}

/** Names of the environments that have a lock, in order. */
export async function lockedEnvironments(root: string): Promise<string[]> {
  const names: string[] = []
  for await (const file of glob('infra/environments/*.lock.json', { cwd: root }))
    names.push(basename(file, '.lock.json'))
  return names.sort()
}

/**
 * Reads the locks of all environments that have one, by environment.
 *
 * @throws LockError when one of them cannot be read or understood
 */
export async function readLocks(root: string): Promise<Readonly<Record<string, EnvironmentLock>>> {
  const names = await lockedEnvironments(root)
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readLock(root, name)] as const)),
  )
}

function sorted<T>(record: { readonly [name: string]: T } | object): [string, T][] {
  return Object.entries(record as Record<string, T>).sort(([a], [b]) => (a < b ? -1 : 1))
}
