import { basename } from 'node:path/posix'
import type { Finding, Parsed } from '../finding.ts'
import { parseManifest } from '../parse-manifest.ts'
import type { Environment } from '../schema/environment.ts'
import type { LibraryManifest } from '../schema/library.ts'
import type { ServletManifest, ServletManifestWritten } from '../schema/servlet.ts'
import type { Teams } from '../schema/teams.ts'
import type { Workspace, WorkspacePackage } from '../workspace/workspace.ts'
import { type InterfaceOutline, readInterface } from './interface-document.ts'

/** A servlet as far as it could be read: a broken manifest must not hide a conflict of routes. */
export interface ServletDraft {
  readonly pkg: WorkspacePackage
  /** As its contract says, else as its folder says. */
  readonly name: string
  readonly folder: string
  readonly manifest?: ServletManifest
  readonly written?: ServletManifestWritten
  /** The text may be missing, or the document may be given in its place. */
  readonly hasInterface: boolean
  readonly document?: InterfaceOutline
  readonly files: { readonly package: string; readonly manifest: string; readonly interface: string }
}

/** A library as far as it could be read. */
export interface LibraryDraft {
  readonly pkg: WorkspacePackage
  readonly file: string
  readonly manifest?: LibraryManifest
}

/** An environment that could be read. */
export interface EnvironmentDraft {
  readonly name: string
  readonly file: string
  readonly environment: Environment
}

/** A workspace with its texts parsed: what every rule of the catalog looks at. */
export interface Drafts {
  readonly packages: readonly WorkspacePackage[]
  readonly servlets: readonly ServletDraft[]
  readonly libraries: readonly LibraryDraft[]
  readonly environments: readonly EnvironmentDraft[]
  /** Undefined when infra/teams.json is missing or broken: then nobody's owner can be judged. */
  readonly teams?: Teams
  readonly hasTeams: boolean
}

/** Parses the texts of a workspace. */
export function draftsOf(workspace: Workspace, documents: ReadonlyMap<string, unknown>): [Drafts, Finding[]] {
  const findings: Finding[] = [...workspace.findings]
  const keep = <T>(parsed: Parsed<T>): T | undefined => {
    findings.push(...parsed.findings)
    return parsed.ok ? parsed.value : undefined
  }
  const packages = [...workspace.packages].sort((a, b) => (a.dir < b.dir ? -1 : 1))
  const teams = workspace.teams && keep(parseManifest('teams', workspace.teams.text, workspace.teams.file))
  const drafts: Drafts = {
    packages,
    servlets: packages
      .filter(({ kind }) => kind === 'servlet')
      .map((pkg) => servletDraft(pkg, documents, keep)),
    libraries: packages.filter(({ kind }) => kind === 'library').map((pkg) => libraryDraft(pkg, keep)),
    environments: [...workspace.environments]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, file, text }) => {
        const environment = keep(parseManifest('environment', text, file))
        return environment ? [{ name, file, environment }] : []
      }),
    hasTeams: workspace.teams !== undefined,
    ...(teams && { teams }),
  }
  return [drafts, findings]
}

type Keep = <T>(parsed: Parsed<T>) => T | undefined

function servletDraft(
  pkg: WorkspacePackage,
  documents: ReadonlyMap<string, unknown>,
  keep: Keep,
): ServletDraft {
  const folder = basename(pkg.dir)
  const files = {
    package: `${pkg.dir}/package.json`,
    manifest: `${pkg.dir}/servlet.json`,
    interface: `${pkg.dir}/interface.json`,
  }
  const text = pkg.texts['servlet.json']
  const manifest = text === undefined ? undefined : keep(parseManifest('servlet', text, files.manifest))
  const given = documents.has(folder) ? { document: documents.get(folder) } : undefined
  const committed = pkg.texts['interface.json']
  const source = given ?? (committed === undefined ? undefined : { text: committed })
  const document = source && keep(readInterface(source, files.interface))
  return {
    pkg,
    name: document?.name ?? folder,
    folder,
    hasInterface: source !== undefined,
    files,
    ...(manifest && text !== undefined && { manifest, written: JSON.parse(text) as ServletManifestWritten }),
    ...(document && { document }),
  }
}

function libraryDraft(pkg: WorkspacePackage, keep: Keep): LibraryDraft {
  const file = `${pkg.dir}/library.json`
  const text = pkg.texts['library.json']
  const manifest = text === undefined ? undefined : keep(parseManifest('library', text, file))
  return { pkg, file, ...(manifest && { manifest }) }
}
