import { type Code, codes, isCode } from '@atlas/contract'
import ts from 'typescript'
import { nodesOf, sourcesIn } from './parse.ts'
import { shownText } from './shown-text.ts'

/** An error that the platform itself makes, as its source says it. */
export interface PlatformError {
  readonly code: Code
  readonly status: number
  readonly message: string
}

const folders = ['contract', 'client', 'sdk', 'runtime', 'local'].map(
  (name) => `packages/platform/${name}/src`,
)

/** Every `new AtlasError('code', 'message', { httpStatus })` of the packages that carry and answer calls. */
export async function platformErrors(): Promise<PlatformError[]> {
  const errors = new Map<string, PlatformError>()
  for (const folder of folders)
    for (const source of (await sourcesIn(folder)).values())
      for (const node of nodesOf(source)) {
        if (!ts.isNewExpression(node) || node.expression.getText() !== 'AtlasError') continue
        const [first, second, init] = node.arguments ?? []
        const message = second && shownText(second)
        if (!first || !ts.isStringLiteralLike(first) || !isCode(first.text) || message === undefined) continue
        const status = statusIn(init) ?? codes[first.text].http
        errors.set(`${first.text} ${message}`, { code: first.text, status, message })
      }
  return [...errors.values()]
}

function statusIn(init: ts.Expression | undefined): number | undefined {
  if (!init || !ts.isObjectLiteralExpression(init)) return undefined
  for (const property of init.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === 'httpStatus')
      return ts.isNumericLiteral(property.initializer) ? Number(property.initializer.text) : undefined
  return undefined
}
