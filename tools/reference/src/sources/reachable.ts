import { posix } from 'node:path'
import ts from 'typescript'
import { nodesOf, sourcesIn } from './parse.ts'

/**
 * The sources of a platform package that its entries reach. What nothing imports yet says nothing to anybody, nor do
 * simulations beside the code.
 */
export async function reachableSources(name: string): Promise<ts.SourceFile[]> {
  const folder = `packages/platform/${name}/src`
  const sources = await sourcesIn(folder)
  // `stores` has an entry for each kind of store, so that nobody loads what another kind needs.
  const entries = ['index.ts', 'testing/index.ts', 's3/index.ts', 'postgres-store.ts']
  const reached = new Set(entries.map((entry) => `${folder}/${entry}`).filter((file) => sources.has(file)))
  for (const file of reached)
    for (const specifier of importsOf(sources.get(file)!)) {
      const target = posix.join(posix.dirname(file), specifier)
      if (specifier.startsWith('.') && sources.has(target)) reached.add(target)
    }
  return [...reached].sort().map((file) => sources.get(file)!)
}

function* importsOf(source: ts.SourceFile): Generator<string> {
  for (const node of nodesOf(source)) {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined
    if (specifier && ts.isStringLiteralLike(specifier)) yield specifier.text
  }
}
