import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import type { EnvironmentLock, Workspace, WorkspacePackage } from '@atlas/manifest'
import { git, readReleases, tagOf, textsOf } from '@atlas/release/workspace'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'

/** A release of a caller, as its tag has it. */
export interface Build {
  /** The version of the called servlet that it was compiled against; null where the tag does not say. */
  readonly builtAgainst: string | null
  /** The endpoints of the called servlet that its code uses; null where the tag does not say. */
  readonly uses: readonly string[] | null
}

/** A release of a caller that an environment runs. */
export interface DeployedBuild extends Build {
  readonly environment: string
  readonly version: string
}

/** What is known of the releases of one servlet, as a caller of another. */
export interface Builds {
  /** Of the version that its package.json has; undefined where that is not released. */
  readonly released: Build | undefined
  /** By environment, in the order of their names. */
  readonly deployed: readonly DeployedBuild[]
}

/**
 * What the releases of all other servlets were compiled against, and what they use: of the version in package.json, and of those
 * that environments run. Everyone compiles against what is beside it, so the commit of a release's tag says it.
 */
export async function buildsOf(
  workspace: Workspace,
  called: WorkspacePackage,
  locks: Readonly<Record<string, EnvironmentLock>>,
): Promise<{ readonly builds: ReadonlyMap<string, Builds>; readonly notes: readonly string[] }> {
  const { root } = workspace
  const notes: string[] = []
  const callers = servletsOf(workspace).filter((pkg) => pkg !== called)
  const [prefix, released] = await Promise.all([
    git(root, ['rev-parse', '--show-prefix']),
    readReleases(root).catch((error: Error) => {
      notes.push(error.message)
      return {}
    }),
  ])
  const blobs = (pkg: WorkspacePackage, version: string) => {
    const at = `refs/tags/${tagOf(pkg.name, version)}:${prefix.stdout.trim()}`
    return {
      own: `${at}${pkg.dir}/package.json`,
      called: `${at}${called.dir}/package.json`,
      document: `${at}${pkg.dir}/interface.json`,
    }
  }
  const wanted = callers.flatMap((pkg) =>
    [pkg.version, ...Object.values(locks).flatMap((lock) => lock[folderOf(pkg)]?.version ?? [])].flatMap(
      (version) => Object.values(blobs(pkg, version)),
    ),
  )
  const texts = prefix.ok ? await textsOf(root, [...new Set(wanted)]) : new Map<string, string>()
  const missing = new Set<string>()
  const buildOf = (pkg: WorkspacePackage, version: string): Build | undefined => {
    const names = blobs(pkg, version)
    if (!texts.has(names.own)) return undefined
    const document = documentIn(texts.get(names.document))
    return {
      builtAgainst: versionIn(texts.get(names.called)),
      uses: document ? (document.calls?.[folderOf(called)] ?? []) : null,
    }
  }
  const builds = new Map<string, Builds>()
  for (const pkg of callers) {
    const name = folderOf(pkg)
    const unknown = (version: string): Build => {
      missing.add(tagOf(pkg.name, version))
      return { builtAgainst: null, uses: null }
    }
    const isReleased = (released as Record<string, { version: string }>)[name]?.version === pkg.version
    builds.set(name, {
      released: buildOf(pkg, pkg.version) ?? (isReleased ? unknown(pkg.version) : undefined),
      deployed: Object.entries(locks).flatMap(([environment, lock]) => {
        const version = lock[name]?.version
        return version === undefined
          ? []
          : [{ environment, version, ...(buildOf(pkg, version) ?? unknown(version)) }]
      }),
    })
  }
  if (missing.size > 0) {
    const [first, ...others] = [...missing].sort()
    notes.push(
      `what was built against which version is not known of ${first}${others.length === 0 ? '' : ` and ${others.length} more`}: there is no such tag here; run git fetch --tags`,
    )
  }
  return { builds, notes }
}

function documentIn(text: string | undefined): InterfaceDocument | undefined {
  const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
  return parsed?.ok ? parsed.value : undefined
}

function versionIn(text: string | undefined): string | null {
  try {
    const { version } = JSON.parse(text ?? '') as { version?: unknown }
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}
