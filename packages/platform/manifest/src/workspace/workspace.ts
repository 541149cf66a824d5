import type { Finding } from '../finding.ts'
import type { MigrationFile } from '../migrations/migration.ts'

/** What a package is for; it decides what it may import. */
export type PackageKind = 'platform' | 'servlet' | 'library' | 'tool' | 'infra'

/** The files of a package that the catalog reads, as they are. */
export interface PackageTexts {
  readonly 'servlet.json'?: string
  readonly 'library.json'?: string
  readonly 'interface.json'?: string
}

/** A package of the workspace, as its package.json has it. */
export interface WorkspacePackage {
  readonly name: string
  /** Its folder relative to the root of the workspace, `packages/servlets/greeter`. */
  readonly dir: string
  readonly kind: PackageKind
  readonly version: string
  /** Its row in the order of platform packages: imports only go to lower rows. */
  readonly row?: number
  readonly tags: readonly string[]
  /** What the package needs to run: dependencies, optional ones and peers; name to range. */
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  /** `exports` as written. */
  readonly exports?: unknown
  readonly texts: PackageTexts
  /** The migrations of a servlet by store, `migrations/STORE/*`. */
  readonly migrations?: Readonly<Record<string, readonly MigrationFile[]>>
}

/** A file that is not part of a package. */
export interface WorkspaceFile {
  /** Relative to the root of the workspace. */
  readonly file: string
  readonly text: string
}

/** A workspace as plain data: everything that the catalog and the import rules are computed from. */
export interface Workspace {
  /** The absolute path of the root. */
  readonly root: string
  /** By folder. */
  readonly packages: readonly WorkspacePackage[]
  /** What the root's package.json depends on: hoisting gives it to the tests and tools of every package. */
  readonly rootDependencies: Readonly<Record<string, string>>
  /** `infra/environments/*.json`, without locks, by name. */
  readonly environments: readonly (WorkspaceFile & { readonly name: string })[]
  readonly teams?: WorkspaceFile
  /** What could not be read. */
  readonly findings: readonly Finding[]
}
