import type { Catalog } from '@atlas/manifest'

/** A servlet in the call graph. */
export interface GraphNode {
  readonly name: string
  readonly owner: string
}

/** One servlet calling another. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  /** Which of its endpoints. */
  readonly endpoints: readonly string[]
}

/** Which servlets call which. */
export interface CallGraph {
  readonly servlets: readonly GraphNode[]
  readonly calls: readonly GraphEdge[]
}

/**
 * The call graph of a catalog.
 *
 * @param about keeps only what this servlet reaches and what reaches it
 */
export function callGraphOf({ servlets }: Catalog, about?: string): CallGraph {
  const calls = servlets.flatMap(({ name, calls: own }) =>
    Object.entries(own).map(([to, endpoints]) => ({ from: name, to, endpoints })),
  )
  const all: CallGraph = { servlets: servlets.map(({ name, owner }) => ({ name, owner })), calls }
  if (about === undefined) return all
  const down = reached(about, calls, ({ from, to }) => [from, to])
  const up = reached(about, calls, ({ from, to }) => [to, from])
  const kept = (edge: GraphEdge) =>
    (down.has(edge.from) && down.has(edge.to)) || (up.has(edge.from) && up.has(edge.to))
  return {
    servlets: all.servlets.filter(({ name }) => down.has(name) || up.has(name)),
    calls: calls.filter(kept),
  }
}

function reached(
  start: string,
  edges: readonly GraphEdge[],
  directed: (edge: GraphEdge) => [string, string],
): Set<string> {
  const seen = new Set([start])
  for (const name of seen)
    for (const edge of edges) {
      const [from, to] = directed(edge)
      if (from === name) seen.add(to)
    }
  return seen
}
