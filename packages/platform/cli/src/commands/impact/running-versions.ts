import { type EnvironmentLock, LockError, lockedEnvironments, readLock } from '@atlas/manifest'

/** Which version of a servlet runs in an environment, as its lock says; undefined where it does not run. */
export interface RunningVersion {
  readonly environment: string
  readonly version: string | undefined
  readonly digest?: string
}

/** The locks of the environments, by environment. One that cannot be read is left out with a note. */
export async function readableLocks(
  root: string,
): Promise<{ locks: Record<string, EnvironmentLock>; notes: string[] }> {
  const locks: Record<string, EnvironmentLock> = {}
  const notes: string[] = []
  for (const environment of await lockedEnvironments(root))
    try {
      locks[environment] = await readLock(root, environment)
    } catch (error) {
      if (!(error instanceof LockError)) throw error
      notes.push(error.message)
    }
  return { locks, notes }
}

/** What the locks of the environments say of a servlet. */
export function runningVersions(
  locks: Readonly<Record<string, EnvironmentLock>>,
  servlet: string,
): RunningVersion[] {
  return Object.entries(locks).map(([environment, lock]) => {
    const release = lock[servlet]
    return { environment, version: release?.version, ...(release && { digest: release.digest }) }
  })
}
