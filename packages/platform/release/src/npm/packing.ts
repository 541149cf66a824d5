// What makes packages out of a workspace, for other tools that do.

export { isRunning } from '../is-running.ts'
export { packedOptions } from './compiler-options.ts'
export { type ContractPackage, contractPackage } from './contract-package.ts'
export { binsOf, entriesOf, packedManifest } from './packed-manifest.ts'
export { reach } from './reach.ts'
export { importsOf, rewriteDeclaration, rewriteScript } from './specifiers.ts'
export {
  type PackageJson,
  readJson,
  readWorkspace,
  selectPackages,
  type WorkspacePackage,
} from './workspace.ts'
