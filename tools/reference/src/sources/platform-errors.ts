import { type Code, codes, isCode } from '@atlas/contract'
import ts from 'typescript'
import { nodesOf } from './parse.ts'
import { reachableSources } from './reachable.ts'
import { shownText } from './shown-text.ts'

/** An error that the platform itself makes, as its source says it. */
export interface PlatformError {
  readonly code: Code
  readonly status: number
  readonly message: string
  /** The file that makes it. */
  readonly file: string
}

/** The packages that carry and answer calls. */
const packages = ['contract', 'client', 'postgres', 'sdk', 'stores', 'runtime', 'local']

/** What makes an error of its arguments. */
const makers: ReadonlySet<string> = new Set(['AtlasError', 'storeError'])

/** Every `new AtlasError('code', 'message', { httpStatus })` of these, and every `{ code, message }` in a table of errors. */
export async function platformErrors(): Promise<PlatformError[]> {
  const errors = new Map<string, PlatformError>()
  for (const source of (await Promise.all(packages.map(reachableSources))).flat())
    for (const node of nodesOf(source)) {
      const [code, text, init] = partsOf(node)
      const message = text && shownText(text)
      if (!code || !ts.isStringLiteralLike(code) || !isCode(code.text) || message === undefined) continue
      const status = statusIn(init) ?? codes[code.text].http
      const error = { code: code.text, status, message, file: source.fileName }
      errors.set(`${error.code} ${message}`, error)
    }
  return [...errors.values()]
}

function partsOf(node: ts.Node): readonly (ts.Expression | undefined)[] {
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && makers.has(node.expression.getText()))
    return node.arguments ?? []
  if (ts.isObjectLiteralExpression(node)) return [valueIn(node, 'code'), valueIn(node, 'message')]
  return []
}

function statusIn(init: ts.Expression | undefined): number | undefined {
  const status = init && ts.isObjectLiteralExpression(init) ? valueIn(init, 'httpStatus') : undefined
  return status && ts.isNumericLiteral(status) ? Number(status.text) : undefined
}

function valueIn(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of object.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer
  return undefined
}
