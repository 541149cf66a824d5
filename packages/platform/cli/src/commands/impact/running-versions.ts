import { LockError, lockedEnvironments, readLock } from '@atlas/manifest'

/** Which version of a servlet runs in an environment, as its lock says; undefined where it does not run. */
export interface RunningVersion {
  readonly environment: string
  readonly version: string | undefined
  readonly digest?: string
}

/** What the locks of the environments say of a servlet. One that cannot be read is left out with a note. */
export async function runningVersions(
  root: string,
  servlet: string,
): Promise<{ running: RunningVersion[]; notes: string[] }> {
  const running: RunningVersion[] = []
  const notes: string[] = []
  for (const environment of await lockedEnvironments(root))
    try {
      const release = (await readLock(root, environment))[servlet]
      running.push({ environment, version: release?.version, ...(release && { digest: release.digest }) })
    } catch (error) {
      if (!(error instanceof LockError)) throw error
      notes.push(error.message)
    }
  return { running, notes }
}
