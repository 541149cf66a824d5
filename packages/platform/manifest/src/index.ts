export type {
  Catalog,
  CatalogAccess,
  CatalogLibrary,
  CatalogMount,
  CatalogRoute,
  CatalogServlet,
} from './catalog/catalog.ts'
export { type CatalogOptions, catalogOf } from './catalog/catalog-of.ts'
export { manifestIn } from './catalog/manifest-in.ts'
// For other Atlas packages.
export { cyclesOf } from './cycles.ts'
export { describeFields, type FieldDescription } from './describe-fields.ts'
export { editorSchema, type JsonSchema } from './editor-schema.ts'
export { errorFinding, type Finding, inOrder, type Parsed } from './finding.ts'
export { checkImports } from './imports/check-imports.ts'
export type { ImportGraph } from './imports/graph.ts'
export type { ManifestKind, Manifests } from './kinds.ts'
export { nearest } from './nearest.ts'
export { checkManifest, parseManifest } from './parse-manifest.ts'
export { type ConfigValue, configType } from './schema/config-value.ts'
export type { Environment, EnvironmentWritten } from './schema/environment.ts'
export type { LibraryManifest, LibraryManifestWritten } from './schema/library.ts'
export { isServletName } from './schema/names.ts'
export { cpuMillis, memoryMiB } from './schema/quantity.ts'
export { admits, type ServletManifest, type ServletManifestWritten } from './schema/servlet.ts'
export { type Store, type StoreKind, storeKind } from './schema/store.ts'
export type { Team, Teams, TeamsWritten } from './schema/teams.ts'
export {
  type EnvironmentLock,
  LockError,
  type LockedRelease,
  lockedEnvironments,
  lockFile,
  lockText,
  parseLock,
  readLock,
  readLocks,
} from './workspace/environment-lock.ts'
export type { Import } from './workspace/imports-of.ts'
export { readImports, type SourceFile } from './workspace/read-imports.ts'
export { readWorkspace } from './workspace/read-workspace.ts'
export type {
  PackageKind,
  PackageTexts,
  Workspace,
  WorkspaceFile,
  WorkspacePackage,
} from './workspace/workspace.ts'
