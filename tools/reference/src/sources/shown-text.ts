import ts from 'typescript'
import { nodesOf } from './parse.ts'

/** Stands for what is known only when the program runs. */
export const anything = '…'

/**
 * The text that an expression makes, as far as it stands in its file: strings, templates, choices between them (`a / b`),
 * constants and functions made of these. Undefined where it says nothing by itself.
 */
export function shownText(expression: ts.Expression): string | undefined {
  const text = shown(expression)
  return text !== undefined && /\p{L}/u.test(text) ? text : undefined
}

function shown(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isParenthesizedExpression(node)) return shown(node.expression)
  if (ts.isTemplateExpression(node))
    return (
      node.head.text + node.templateSpans.map((span) => part(span.expression) + span.literal.text).join('')
    )
  if (ts.isConditionalExpression(node)) return choice([node.whenTrue, node.whenFalse])
  if (ts.isIdentifier(node)) {
    const initializer = constant(node)
    return initializer && shown(initializer)
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const returned = returnedBy(node.expression)
    return returned.length > 0 ? choice(returned) : undefined
  }
  return undefined
}

function choice(sides: readonly ts.Expression[]): string {
  return [...new Set(sides.map((side) => shown(side) ?? anything))].join(' / ')
}

/** Inside a template an empty side of a choice is an optional part of the text. */
function part(node: ts.Expression): string {
  const text = shown(node)
  return text === undefined || !/\p{L}/u.test(text)
    ? anything
    : text.replace(/ \/ $/, '').replace(/^ \/ /, '')
}

/** The value of a `const` of that name in the blocks around. */
function constant(name: ts.Identifier): ts.Expression | undefined {
  for (let scope: ts.Node = name; scope; scope = scope.parent) {
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue
    for (const statement of scope.statements)
      for (const declaration of ts.isVariableStatement(statement)
        ? statement.declarationList.declarations
        : [])
        if (ts.isIdentifier(declaration.name) && declaration.name.text === name.text)
          return declaration.initializer
  }
  return undefined
}

/** What a function of the file returns. */
function returnedBy(name: ts.Identifier): ts.Expression[] {
  const declared = name
    .getSourceFile()
    .statements.find((statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === name.text)
  if (!declared) return []
  return [...nodesOf(declared)].flatMap((node) =>
    ts.isReturnStatement(node) && node.expression && node.expression.getText() !== 'undefined'
      ? [node.expression]
      : [],
  )
}
