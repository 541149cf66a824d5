import type { Environment } from '../schema/environment.ts'
import type { LibraryManifest } from '../schema/library.ts'
import type { ServletManifest, ServletManifestWritten } from '../schema/servlet.ts'
import type { StoreKind } from '../schema/store.ts'
import type { Teams } from '../schema/teams.ts'

/** Who may call an endpoint. */
export type CatalogAccess = 'public' | 'user' | 'internal'

/** An endpoint as the catalog knows it. */
export interface CatalogRoute {
  readonly endpoint: string
  /** `GET /greet/{name}`. */
  readonly route: string
  readonly access: CatalogAccess
}

/** A part of the URL space that an application of its own answers. */
export interface CatalogMount {
  /** `/legacy`. */
  readonly prefix: string
  readonly access: CatalogAccess
  /** A file beside interface.json that describes it. */
  readonly openapi?: string
}

/** A servlet: what its manifest, its package.json and its interface document say together. */
export interface CatalogServlet {
  readonly name: string
  readonly package: string
  readonly dir: string
  readonly version: string
  readonly owner: string
  /** With the platform's defaults. For those of an environment, see `manifestIn`. */
  readonly manifest: ServletManifest
  /** As written. */
  readonly written: ServletManifestWritten
  readonly routes: readonly CatalogRoute[]
  readonly mounts: readonly CatalogMount[]
  /** Servlets that its package.json depends on, which declares that it may call them. */
  readonly dependsOn: readonly string[]
  /** Endpoints that it calls, by servlet. */
  readonly calls: Readonly<Record<string, readonly string[]>>
  readonly stores: Readonly<Record<string, StoreKind>>
}

/** A library and who may import it. */
export interface CatalogLibrary extends LibraryManifest {
  readonly package: string
  readonly dir: string
}

/** All of a workspace that a reader asks about. Everything is in the order of its name. */
export interface Catalog {
  readonly servlets: readonly CatalogServlet[]
  readonly teams: Teams
  readonly environments: Readonly<Record<string, Environment>>
  readonly libraries: readonly CatalogLibrary[]
}
