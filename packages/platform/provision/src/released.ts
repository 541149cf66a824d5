import { spawn } from 'node:child_process'
import type { LockedRelease, PackageTexts, Workspace, WorkspacePackage } from '@atlas/manifest'
import { PlacementError } from './placement-error.ts'

/** What a release declares: these files decide its objects, and are in its image too. */
const files = ['servlet.json', 'interface.json'] as const

/**
 * A workspace in which each servlet that a lock names declares what its release declared, and not what is in the checkout: an earlier
 * release has its own routes, secrets and limits. The tag of the release has them. A release whose version the checkout still has, and that
 * has no tag here, is taken for what is in the checkout.
 */
export async function asReleased(
  workspace: Workspace,
  lock: ReadonlyMap<string, LockedRelease>,
): Promise<{
  readonly workspace: Workspace
  /** Whether the workspace has a servlet of this name. */
  has(servlet: string): boolean
  /** @throws PlacementError when what a release declared is not here */
  mustHave(servlet: string, lockFile: string): void
}> {
  const locked = workspace.packages.flatMap((its) => {
    const release = its.kind === 'servlet' ? lock.get(servletOf(its)) : undefined
    return release ? [{ its, tag: `${its.name}@${release.version}`, version: release.version }] : []
  })
  const blob = (tag: string, dir: string, file: string) => `refs/tags/${tag}:./${dir}/${file}`
  const texts = await blobsOf(
    workspace.root,
    locked.flatMap(({ its, tag }) => files.map((file) => blob(tag, its.dir, file))),
  )
  const released = new Map<string, PackageTexts>()
  const unknown = new Map<string, string>()
  for (const { its, tag, version } of locked) {
    const [manifest, document] = files.map((file) => texts.get(blob(tag, its.dir, file)))
    if (manifest !== undefined)
      released.set(its.dir, {
        'servlet.json': manifest,
        ...(document !== undefined && { 'interface.json': document }),
      })
    else if (version !== its.version) unknown.set(servletOf(its), tag)
  }
  return {
    workspace:
      released.size === 0
        ? workspace
        : {
            ...workspace,
            packages: workspace.packages.map((its) => {
              const found = released.get(its.dir)
              return found ? { ...its, texts: found } : its
            }),
          },
    has: (servlet) => workspace.packages.some((its) => its.kind === 'servlet' && servletOf(its) === servlet),
    mustHave(servlet, lockFile) {
      const tag = unknown.get(servlet)
      if (tag !== undefined)
        throw new PlacementError(
          `${lockFile} (${servlet}): names the release ${tag}, and this checkout has no tag of it, so nobody knows its routes and limits; run git fetch --tags, or correct the lock`,
        )
    },
  }
}

function servletOf({ dir }: WorkspacePackage): string {
  return dir.slice(dir.lastIndexOf('/') + 1)
}

/** The texts of blobs by the names that git has for them; those that are not there are left out, all of them where there is no git. */
function blobsOf(root: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve) => {
    const found = new Map<string, string>()
    if (names.length === 0) return resolve(found)
    const git = spawn('git', ['cat-file', '--batch'], { cwd: root, stdio: ['pipe', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    git.on('error', () => resolve(found))
    // It may have ended before it read everything.
    git.stdin.on('error', () => {})
    git.stdin.end(names.map((name) => `${name}\n`).join(''))
    git.on('close', () => {
      const bytes = Buffer.concat(chunks)
      let at = 0
      for (const name of names) {
        const end = bytes.indexOf(10, at)
        if (end < 0) break
        const size = / blob (\d+)$/.exec(bytes.subarray(at, end).toString())?.[1]
        at = end + 1
        if (size === undefined) continue
        found.set(name, bytes.subarray(at, at + Number(size)).toString())
        at += Number(size) + 1
      }
      resolve(found)
    })
  })
}
