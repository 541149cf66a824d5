import type { Span } from './collector.ts'

/** A span with what is below it, without what differs from run to run. */
export interface TraceTree {
  readonly name: string
  readonly kind: 'server' | 'client' | number
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly below: readonly TraceTree[]
}

/** What a call between servlets has only where there is a wire between them. */
const ofTheWire = /^(http\.|url\.|atlas\.protocol$)/

/**
 * The trees of one trace. Siblings are sorted: calls that are made side by side end in any order. What says how bytes came from one
 * process to another is left out, as they may not have; except at the root of a question, which came over a wire in any case.
 *
 * @param plain takes ids and times out of a text
 */
export function treesOf(
  spans: readonly Span[],
  asked: boolean,
  plain: (text: string) => string,
): readonly TraceTree[] {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const isRoot = ({ parentSpanId }: Span) => parentSpanId === undefined || !ids.has(parentSpanId)
  const treeOf = (span: Span): TraceTree => ({
    name: span.name,
    kind: span.kind === 2 ? 'server' : span.kind === 3 ? 'client' : span.kind,
    failed: span.status === 2,
    attributes: Object.fromEntries(
      Object.entries(span.attributes)
        .filter(([key]) => (asked && isRoot(span)) || !ofTheWire.test(key))
        .map(([key, value]) => [key, typeof value === 'string' ? plain(value) : value] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    below: sorted(spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(treeOf)),
  })
  return sorted(spans.filter(isRoot).map(treeOf))
}

function sorted(trees: readonly TraceTree[]): readonly TraceTree[] {
  const keyed = trees.map((tree) => [JSON.stringify(tree), tree] as const)
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, tree]) => tree)
}
