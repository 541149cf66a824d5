import { relative, sep } from 'node:path'
import { type AsyncSubscription, subscribe } from '@parcel/watcher'

/** Nobody's sources: written by tools, or by the platform itself. */
const ignore = [
  '**/node_modules',
  '**/.git',
  '**/.atlas',
  '**/.nx',
  '**/dist',
  '**/coverage',
  '**/*~',
  '**/.*.sw?',
]

/**
 * Watches the files of a workspace. What one save does, by whatever way an editor writes, comes as one list of files,
 * relative to the root, with `/` between folders.
 *
 * @throws Error when the system does not allow it
 */
export async function watchFiles(
  root: string,
  changed: (files: readonly string[]) => void,
): Promise<AsyncSubscription> {
  return subscribe(
    root,
    (error, events) => {
      if (error) return
      changed([...new Set(events.map(({ path }) => relative(root, path).replaceAll(sep, '/')))])
    },
    { ignore },
  )
}
