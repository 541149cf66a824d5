import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Which version of a servlet runs in an environment, as its lock says; undefined where it does not run. */
export interface RunningVersion {
  readonly environment: string
  readonly version: string | undefined
  readonly digest?: string
}

/** What `infra/environments/<name>.lock.json` says of a servlet. What cannot be read is left out with a note. */
export async function runningVersions(
  root: string,
  servlet: string,
): Promise<{ running: RunningVersion[]; notes: string[] }> {
  const running: RunningVersion[] = []
  const notes: string[] = []
  for await (const file of glob('infra/environments/*.lock.json', { cwd: root })) {
    const environment = basename(file, '.lock.json')
    try {
      const lock = JSON.parse(await readFile(join(root, file), 'utf8')) as Record<string, unknown>
      const entry = Object.hasOwn(lock, servlet) ? lock[servlet] : undefined
      if (entry !== undefined && typeof entry !== 'string')
        throw new TypeError(`${servlet} is no "version@digest"`)
      const [version, digest] = entry?.split('@') ?? []
      running.push({ environment, version, ...(digest === undefined ? {} : { digest }) })
    } catch (error) {
      notes.push(`${file} cannot be read: ${(error as Error).message}`)
    }
  }
  running.sort((a, b) => (a.environment < b.environment ? -1 : 1))
  return { running, notes }
}
