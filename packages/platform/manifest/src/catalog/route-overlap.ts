import { ambiguity, type RoutePattern, type Segment } from '@atlas/contract'

/** Something with a route. */
export interface Routed {
  readonly pattern: RoutePattern
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>
  field?: Node<T>
  /** Routes that end here, and routes that take the rest from here. */
  readonly ends: T[]
  readonly rests: T[]
}

/**
 * Every pair of ambiguous routes, with a path that both match. The routes are walked as a tree, because comparing each
 * of ten thousand with each other takes seconds.
 */
export function ambiguousPairs<T extends Routed>(routes: readonly T[]): { a: T; b: T; witness: string }[] {
  const roots = new Map<string, Node<T>>()
  const pairs: { a: T; b: T; witness: string }[] = []
  for (const route of routes) {
    const { method, segments } = route.pattern
    const root = roots.get(method) ?? emptyNode<T>()
    roots.set(method, root)
    for (const other of overlapping(root, segments)) {
      const witness = ambiguity(other.pattern, route.pattern)
      if (witness !== undefined) pairs.push({ a: other, b: route, witness: `${method} ${witness}` })
    }
    insert(root, route)
  }
  return pairs
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), ends: [], rests: [] }
}

function insert<T extends Routed>(root: Node<T>, route: T): void {
  let node = root
  for (const segment of route.pattern.segments) {
    if (segment.kind === 'rest') {
      node.rests.push(route)
      return
    }
    if (segment.kind === 'field') {
      node.field ??= emptyNode()
      node = node.field
      continue
    }
    const next = node.literals.get(segment.value) ?? emptyNode<T>()
    node.literals.set(segment.value, next)
    node = next
  }
  node.ends.push(route)
}

/** The routes below a node that match some path that `segments` match too. */
function* overlapping<T>(node: Node<T>, segments: readonly Segment[]): Generator<T> {
  const [segment, ...following] = segments
  if (!segment) {
    yield* node.ends
    return
  }
  yield* node.rests
  if (segment.kind === 'rest') {
    for (const child of children(node)) yield* everything(child)
    return
  }
  const matching = segment.kind === 'field' ? children(node) : children(node, segment.value)
  for (const child of matching) yield* overlapping(child, following)
}

function* children<T>(node: Node<T>, literal?: string): Generator<Node<T>> {
  if (node.field) yield node.field
  if (literal === undefined) yield* node.literals.values()
  else {
    const child = node.literals.get(literal)
    if (child) yield child
  }
}

function* everything<T>(node: Node<T>): Generator<T> {
  yield* node.ends
  yield* node.rests
  for (const child of children(node)) yield* everything(child)
}
