import type ts from 'typescript'

/** The options of a workspace, changed so that scripts and declarations of a package are written that hold without its sources. */
export function packedOptions(
  options: ts.CompilerOptions,
  { rootDir, outDir }: { readonly rootDir: string; readonly outDir: string },
): ts.CompilerOptions {
  return {
    ...options,
    noEmit: false,
    declaration: true,
    declarationMap: false,
    sourceMap: false,
    incremental: false,
    composite: false,
    rewriteRelativeImportExtensions: true,
    rootDir,
    outDir,
  }
}
