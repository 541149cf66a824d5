import type { SpanRecord, SpanSource } from '../tracing/span-record.ts'

/** Spans as OTLP nests them: by servlet, then by what made them. */
export interface SpansOfServlet {
  readonly servlet: string
  readonly scopes: readonly { readonly scope: SpanSource['scope']; readonly spans: readonly SpanRecord[] }[]
}

/** Sorts spans into groups; inside of one they keep their order. */
export function groupSpans(spans: readonly SpanRecord[]): SpansOfServlet[] {
  const servlets = Map.groupBy(spans, ({ source }) => source.servlet)
  return [...servlets].map(([servlet, ofServlet]) => {
    const scopes = Map.groupBy(ofServlet, ({ source: { scope } }) => `${scope.name}\n${scope.version ?? ''}`)
    return {
      servlet,
      scopes: [...scopes.values()].map((ofScope) => ({ scope: ofScope[0]!.source.scope, spans: ofScope })),
    }
  })
}
