import ts from 'typescript'

/** `new URL('./worker.ts', import.meta.url)` and `import.meta.resolve('./worker.ts')`: how code names a module that it starts. */
const namedByUrl =
  /(new\s+URL\(\s*|import\.meta\.resolve\(\s*)(['"])(\.{1,2}\/[^'"]+?)\.ts\2(?=\s*(?:,\s*import\.meta\.url\s*)?\))/g

/** Makes a compiled module name other modules by what they are compiled to, where the compiler leaves `.ts`. */
export function rewriteScript(text: string): string {
  return text.replace(namedByUrl, '$1$2$3.js$2')
}

/**
 * Makes a declaration file name other modules by `.js`. The compiler rewrites imports in scripts only, and `./x.ts` in a
 * declaration resolves for a consumer just as long as its own compiler is told to allow it.
 */
export function rewriteDeclaration(text: string): string {
  let rewritten = text
  const relative = importsOf(text).filter(({ name }) => /^\.{1,2}\/.*(?<!\.d)\.ts$/.test(name))
  // From the end, so that positions stay right.
  for (const { end } of relative.toSorted((a, b) => b.end - a.end))
    rewritten = `${rewritten.slice(0, end - '.ts'.length)}.js${rewritten.slice(end)}`
  return rewritten
}

/** Every module that a script or declaration names: in imports, exports, dynamic imports and import types. */
export function importsOf(text: string): { name: string; end: number }[] {
  const found: { name: string; end: number }[] = []
  const add = (literal: ts.Node | undefined): void => {
    // The position of the closing quote.
    if (literal && ts.isStringLiteralLike(literal))
      found.push({ name: literal.text, end: literal.getEnd() - 1 })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0])
    else if (ts.isModuleDeclaration(node)) add(node.name)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true))
  return found
}
