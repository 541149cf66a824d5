import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, readWorkspace, type Workspace, type WorkspacePackage } from '@atlas/manifest'
import { git } from '../git/git.ts'
import { isContained } from '../hotfix/contained.ts'
import { readHotfixes } from '../hotfix/hotfixes-file.ts'
import type { HotfixFacts, PackageFacts, ReleaseFacts, ServletFacts } from '../plan/facts.ts'
import type { Platform } from '../seam.ts'
import { changesetsIn } from './changesets-in.ts'
import { digest, fingerprints } from './fingerprints.ts'
import { heldByCallers, tagOf } from './held-by.ts'
import { Installed } from './installed.ts'
import { readReleases } from './releases-file.ts'

/** What an image runs its servlet with: in every image, whatever the servlet depends on. */
const pod = '@atlas/pod'

/** What was gathered; nothing can be planned where there are findings. */
export interface Gathered {
  readonly facts: ReleaseFacts
  readonly workspace: Workspace
  readonly findings: readonly Finding[]
}

/**
 * Reads everything that a release plan follows from. Reads only, and runs no product code: one pass over the workspace, and a
 * handful of git processes however many packages and changesets there are.
 *
 * @param platformOf what every image has under the servlet
 * @throws Error where there is no git repository, or a file that only programs write is broken
 */
export async function gather(
  root: string,
  platformOf: (root: string) => Promise<Platform>,
): Promise<Gathered> {
  const workspacePromise = readWorkspace(root)
  const [workspace, released, platform, lock, config, head] = await Promise.all([
    workspacePromise,
    readReleases(root),
    platformOf(root),
    readFile(join(root, 'package-lock.json'), 'utf8').catch(() => undefined),
    readFile(join(root, 'tsconfig.base.json'), 'utf8').catch(() => ''),
    git(root, ['rev-parse', 'HEAD']),
  ])
  const { changesets, findings } = await changesetsIn(
    root,
    workspace.packages.map(({ name }) => name),
  )
  const sources = await fingerprints(
    root,
    workspace.packages.map(({ dir }) => dir),
  )
  const installed = new Installed(lock)
  const compiler = digest(config)
  const packages = workspace.packages.map((each) =>
    packageFacts(each, `${sources.get(each.dir)}${compiler}`, installed),
  )
  const commit = head.ok ? head.stdout.trim() : ''
  const heldBy = await heldByCallers(workspace, packages, changesets)
  const hotfixes = await hotfixFacts(root, packages)
  return {
    workspace,
    facts: { commit, packages, changesets, released, platform, ...heldBy.facts, hotfixes },
    findings: [...workspace.findings, ...findings, ...heldBy.findings],
  }
}

async function hotfixFacts(
  root: string,
  packages: readonly PackageFacts[],
): Promise<Record<string, HotfixFacts[]>> {
  const facts: Record<string, HotfixFacts[]> = {}
  for (const [servlet, hotfixes] of Object.entries(await readHotfixes(root))) {
    const pkg = packages.find((each) => each.servlet?.name === servlet)
    if (!pkg) continue
    facts[servlet] = []
    for (const hotfix of hotfixes) {
      const contained = await isContained(root, hotfix, tagOf(pkg.name, hotfix.from))
      facts[servlet].push({ version: hotfix.version, contained })
    }
  }
  return facts
}

function packageFacts(pkg: WorkspacePackage, sources: string, installed: Installed): PackageFacts {
  const servlet = pkg.kind === 'servlet' ? servletFacts(pkg) : undefined
  const devDependencies = servlet ? { [pod]: '*', ...pkg.devDependencies } : pkg.devDependencies
  const { name, dir, kind, version, dependencies } = pkg
  return {
    name,
    dir,
    kind,
    version,
    dependencies,
    devDependencies,
    sources: digest(sources),
    externals: installed.digestOf(dir, { ...devDependencies, ...dependencies }),
    ...(servlet && { servlet }),
  }
}

/** From data that is checked elsewhere: what is wrong in it is a finding of `atlas check`. */
function servletFacts({ dir, texts }: WorkspacePackage): ServletFacts {
  const manifest = parsed<{ owner?: unknown }>(texts['servlet.json'])
  const document = parsed<{ calls?: Record<string, unknown> }>(texts['interface.json'])
  return {
    name: dir.slice(dir.lastIndexOf('/') + 1),
    owner: typeof manifest?.owner === 'string' ? manifest.owner : '',
    calls: Object.keys(document?.calls ?? {}).sort(),
  }
}

function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
