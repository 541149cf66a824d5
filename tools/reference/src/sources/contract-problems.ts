import ts from 'typescript'
import { nodesOf, sourcesIn } from './parse.ts'
import { shownText } from './shown-text.ts'

/** Something that a contract is refused for, as its source says it. */
export interface ContractProblem {
  /** The name of the source file, which holds problems of one kind. */
  readonly from: string
  readonly message: string
  readonly remedy: string
}

/** What follows a problem on an endpoint that gRPC is served for. */
export const grpcWayOut = 'or set grpc: false on the endpoint'

/**
 * All problems that the checks of contracts report, in the order of the sources. Calls of `report(path, message, remedy)`
 * and its like are read from the syntax, so the texts are the ones that people see.
 */
export async function contractProblems(): Promise<ContractProblem[]> {
  const sources = [
    ...(await sourcesIn('packages/platform/contract/src/check')),
    ...[...(await sourcesIn('packages/platform/contract/src'))].filter(([file]) =>
      file.endsWith('/route.ts'),
    ),
  ]
  const seen = new Set<string>()
  return sources.flatMap(([file, source]) => {
    const from = file.slice(file.lastIndexOf('/') + 1, -'.ts'.length)
    return [...nodesOf(source)].flatMap((node) => {
      const texts = textsOf(node)
      if (!texts) return []
      const [message, remedy] = texts.map(shownText)
      if (message === undefined || remedy === undefined) return []
      const key = `${from}\n${message}\n${remedy}`
      if (seen.has(key)) return []
      seen.add(key)
      return [{ from, message, remedy }]
    })
  })
}

/** Message and remedy of a call that reports, or of a `kind: [message, remedy]` in a table. */
function textsOf(node: ts.Node): readonly ts.Expression[] | undefined {
  if (ts.isCallExpression(node)) {
    const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression
    const skipped = { report: 1, wrong: 1, refuse: 2 }[called.getText()]
    return skipped === undefined ? undefined : node.arguments.slice(skipped, skipped + 2)
  }
  const isPair = ts.isPropertyAssignment(node) && ts.isArrayLiteralExpression(node.initializer)
  return isPair && node.initializer.elements.length === 2 ? node.initializer.elements : undefined
}
