import ts from 'typescript'

/** One import in a source file. */
export interface Import {
  /** As written: `./route.ts`, `@acme/identity/contract`, `node:fs`. */
  readonly specifier: string
  /** Counted from 1. */
  readonly line: number
  /** `type` is erased before the program runs; `dynamic` is `import()`; `require` needs CommonJS. */
  readonly kind: 'static' | 'type' | 'dynamic' | 'require'
}

/**
 * What a source file imports, in its order. The file is parsed in full: TypeScript's `preProcessFile` is three times as
 * fast, but takes `/import 'x'/` for an import and loses its way in a regular expression with a quote in it.
 */
export function importsOf(file: string, text: string): Import[] {
  if (!/\b(import|export|require)\b/.test(text)) return []
  const parsed = ts.createSourceFile(file, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  })
  const found: Import[] = []
  const add = (node: ts.Node | undefined, kind: Import['kind']) => {
    if (!node || !ts.isStringLiteralLike(node)) return
    const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed))
    found.push({ specifier: node.text, line: line + 1, kind })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node) ? 'type' : 'static')
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static')
    else if (ts.isExternalModuleReference(node)) add(node.expression, 'require')
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, 'type')
    else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], 'dynamic')
      else if (ts.isIdentifier(node.expression) && node.expression.text === 'require')
        add(node.arguments[0], 'require')
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return found
}

/** `import { type A }` is not: it stays as `import {}` and loads the module. */
function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}
