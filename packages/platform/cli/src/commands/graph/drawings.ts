import type { CallGraph, GraphEdge } from './call-graph.ts'

/**
 * The graph as a tree for terminals: those first whom nobody calls. What a servlet calls is shown once; where it comes
 * again, `...` stands for it.
 */
export function asText({ servlets, calls }: CallGraph): string[] {
  const called = new Set(calls.map(({ to }) => to))
  const names = servlets.map(({ name }) => name)
  // Where all call each other, which atlas check refuses, somebody has to be first.
  const roots = names.filter((name) => !called.has(name))
  const shown = new Set<string>()
  const lines: string[] = []
  const draw = (name: string, label: string, prefix: string, below: string) => {
    const own = calls.filter(({ from }) => from === name)
    const again = shown.has(name) && own.length > 0
    shown.add(name)
    lines.push(`${prefix}${label}${again ? ' ...' : ''}`)
    if (again) return
    for (const [index, edge] of own.entries()) {
      const last = index === own.length - 1
      draw(edge.to, labelOf(edge), `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`)
    }
  }
  for (const name of roots) draw(name, name, '', '')
  for (const name of names) if (!shown.has(name)) draw(name, name, '', '')
  return lines
}

function labelOf({ to, endpoints }: GraphEdge): string {
  return endpoints.length > 0 ? `${to} (${endpoints.join(', ')})` : to
}

/** The graph as Mermaid, which GitHub shows in Markdown; a box for each owner. */
export function asMermaid(graph: CallGraph): string[] {
  const id = (name: string) => `s_${name.replaceAll('-', '_')}`
  return [
    'flowchart LR',
    ...owners(graph).flatMap(([owner, names]) => [
      `  subgraph o_${owner.replaceAll('-', '_')}["${owner}"]`,
      ...names.map((name) => `    ${id(name)}["${name}"]`),
      '  end',
    ]),
    ...graph.calls.map(({ from, to, endpoints }) =>
      endpoints.length > 0
        ? `  ${id(from)} -- "${endpoints.join('<br/>')}" --> ${id(to)}`
        : `  ${id(from)} --> ${id(to)}`,
    ),
  ]
}

/** The graph for Graphviz; a box for each owner. */
export function asDot(graph: CallGraph): string[] {
  return [
    'digraph calls {',
    '  rankdir=LR',
    '  node [shape=box]',
    ...owners(graph).flatMap(([owner, names]) => [
      `  subgraph "cluster_${owner}" {`,
      `    label="${owner}"`,
      ...names.map((name) => `    "${name}"`),
      '  }',
    ]),
    ...graph.calls.map(
      ({ from, to, endpoints }) => `  "${from}" -> "${to}" [label="${endpoints.join('\\n')}"]`,
    ),
    '}',
  ]
}

function owners({ servlets }: CallGraph): [string, string[]][] {
  const byOwner = new Map<string, string[]>()
  for (const { name, owner } of servlets) byOwner.set(owner, [...(byOwner.get(owner) ?? []), name])
  return [...byOwner].sort(([a], [b]) => (a < b ? -1 : 1))
}
