import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** A release as a lock names it. */
export interface LockedRelease {
  readonly version: string
  /** `sha256:...` of its image. */
  readonly digest: string
}

/** What an environment runs, by servlet. */
export type EnvironmentLock = Readonly<Record<string, LockedRelease>>

/** The lock of an environment, relative to the root. */
export function lockFile(environment: string): string {
  return `infra/environments/${environment}.lock.json`
}

/**
 * Reads the locks of all environments that have one, by environment.
 *
 * @throws Error that names the file that cannot be understood, and the remedy
 */
export async function readLocks(root: string): Promise<Record<string, EnvironmentLock>> {
  const locks: Record<string, EnvironmentLock> = {}
  const files: string[] = []
  for await (const file of glob('infra/environments/*.lock.json', { cwd: root })) files.push(file)
  for (const file of files.sort())
    locks[basename(file, '.lock.json')] = parseLock(await readFile(join(root, file), 'utf8'), file)
  return locks
}

/** @throws Error that names the file and the remedy */
export function parseLock(text: string, file: string): EnvironmentLock {
  const remedy = `releases write it; restore it with git checkout HEAD -- ${file}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is no JSON (${(error as Error).message}); ${remedy}`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error(`${file} is no object; ${remedy}`)
  return Object.fromEntries(
    Object.entries(value).map(([servlet, entry]) => {
      const match = typeof entry === 'string' ? /^([^@]+)@(sha256:[0-9a-f]{64})$/.exec(entry) : null
      if (!match) throw new Error(`${file}: ${servlet} is no "version@sha256:..."; ${remedy}`)
      return [servlet, { version: match[1]!, digest: match[2]! }]
    }),
  )
}

/** The text of a lock. */
export function lockText(lock: EnvironmentLock): string {
  const entries = Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1))
  const plain = Object.fromEntries(
    entries.map(([servlet, { version, digest }]) => [servlet, `${version}@${digest}`]),
  )
  return `${JSON.stringify(plain, undefined, 2)}\n`
}
