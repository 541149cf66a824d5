/**
 * One shortest cycle for each knot of a graph, as a path that ends where it starts. Which one is shown depends on the
 * names only, never on the order of the input.
 */
export function cyclesOf(edges: ReadonlyMap<string, Iterable<string>>): string[][] {
  const sorted = new Map([...edges.keys()].sort().map((node) => [node, [...new Set(edges.get(node))].sort()]))
  const cycles: string[][] = []
  for (const knot of knotsOf(sorted)) {
    const [start] = knot
    const cycle = start === undefined ? undefined : shortestCycle(start, sorted, new Set(knot))
    if (cycle) cycles.push(cycle)
  }
  return cycles.sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))
}

/** Strongly connected components, each sorted. Kosaraju's algorithm: two walks, without recursion. */
function knotsOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const reversed = new Map<string, string[]>([...edges.keys()].map((node) => [node, []]))
  for (const [from, targets] of edges) for (const to of targets) reversed.get(to)?.push(from)
  const order = finishOrder([...edges.keys()], edges, new Set())
  const taken = new Set<string>()
  return order
    .reverse()
    .map((node) => finishOrder([node], reversed, taken).sort())
    .filter((knot) => knot.length > 0)
}

/** The nodes reachable from `starts` that are not yet `seen`, each after all that it leads to. */
function finishOrder(
  starts: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
  seen: Set<string>,
) {
  const order: string[] = []
  for (const start of starts) {
    const stack = seen.has(start) ? [] : [{ node: start, next: 0 }]
    seen.add(start)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const to = edges.get(top.node)?.[top.next++]
      if (to === undefined) {
        order.push(top.node)
        stack.pop()
      } else if (edges.has(to) && !seen.has(to)) {
        seen.add(to)
        stack.push({ node: to, next: 0 })
      }
    }
  }
  return order
}

/** The shortest way from `start` back to itself within `knot`; undefined for a single node that does not name itself. */
function shortestCycle(
  start: string,
  edges: ReadonlyMap<string, readonly string[]>,
  knot: ReadonlySet<string>,
) {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const node of queue)
    for (const to of edges.get(node) ?? []) {
      if (to === start) {
        const way = [start]
        for (let at: string | undefined = node; at !== undefined; at = cameFrom.get(at)) way.unshift(at)
        return way
      }
      if (!knot.has(to) || cameFrom.has(to)) continue
      cameFrom.set(to, node)
      queue.push(to)
    }
  return undefined
}
