import ts from 'typescript'

/** The endpoint names of called servlets, by the name of the call (`calls: { identity }`). */
export type Callable = Readonly<Record<string, readonly string[]>>

/**
 * Which endpoints of the servlets it calls a servlet's code may use, by syntax alone. `ctx.calls.identity.verify` counts
 * as that endpoint; where a client is used in any other way (taken apart, passed on, indexed), all its endpoints count,
 * and where all of `calls` is, all of all clients. What it may miss is `calls` under another name that is then indexed.
 *
 * @param sources the texts of the servlet's source files, without tests
 */
export function usedEndpoints(sources: readonly string[], callable: Callable): Record<string, string[]> {
  const used = new Map(Object.keys(callable).map((name) => [name, new Set<string>()]))
  const useAll = (name: string) => {
    for (const endpoint of callable[name] ?? []) used.get(name)?.add(endpoint)
  }
  const visit = (node: ts.Node): void => {
    const name = clientNamed(node)
    if (name !== undefined && used.has(name)) {
      const endpoint = memberOf(node)
      if (endpoint !== undefined && callable[name]?.includes(endpoint)) used.get(name)?.add(endpoint)
      else useAll(name)
    }
    if (givesAwayCalls(node)) for (const client of used.keys()) useAll(client)
    ts.forEachChild(node, visit)
  }
  for (const [index, text] of sources.entries())
    visit(ts.createSourceFile(`${index}.ts`, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS))
  return Object.fromEntries(
    [...used]
      .filter(([, endpoints]) => endpoints.size > 0)
      .map(([name, endpoints]) => [name, [...endpoints].sort()]),
  )
}

/** `identity` of `x.identity`, `x['identity']` and `{ identity } = x`. */
function clientNamed(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    return node.argumentExpression.text
  if (ts.isBindingElement(node)) {
    const name = node.propertyName ?? node.name
    return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined
  }
  return undefined
}

/** `verify` of `<node>.verify`, when the node is used like that. */
function memberOf(node: ts.Node): string | undefined {
  const { parent } = node
  return ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : undefined
}

/** `ctx.calls[name]` and `help(ctx.calls)`: any client may be meant. */
function givesAwayCalls(node: ts.Node): boolean {
  const isCalls =
    (ts.isPropertyAccessExpression(node) && node.name.text === 'calls') ||
    (ts.isIdentifier(node) && node.text === 'calls' && !ts.isPropertyAccessExpression(node.parent))
  if (!isCalls) return false
  const { parent } = node
  if (ts.isElementAccessExpression(parent))
    return parent.expression === node && !ts.isStringLiteralLike(parent.argumentExpression)
  return ts.isCallExpression(parent) && parent.arguments.some((argument) => argument === node)
}
