import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span, as a collector of OpenTelemetry gets it. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  /** Undefined at the root. */
  readonly parentSpanId: string | undefined
  readonly name: string
  /** 2 is a server's, 3 a client's. */
  readonly kind: number
  /** 0 is unset, 2 an error. */
  readonly status: number
  /** Its own attributes, and what it is of: `service.name`, `service.version`. */
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Takes the spans that processes send. */
export interface Collector extends AsyncDisposable {
  /** The variables of a process that sends everything here, at once. */
  readonly variables: Readonly<Record<string, string>>
  spans(): readonly Span[]
}

interface Pair {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

/** What is read of a message of OTLP, in JSON. */
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] }
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
  }[]
}

interface SentSpan extends Omit<Span, 'attributes' | 'status'> {
  readonly attributes?: readonly Pair[]
  readonly status?: { readonly code?: number }
}

/** Starts a collector that speaks OTLP over HTTP. */
export async function collector(): Promise<Collector> {
  const spans: Span[] = []
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Sent
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = valuesOf(resource.attributes)
      for (const sent of scopeSpans.flatMap((each) => each.spans))
        spans.push({
          traceId: sent.traceId,
          spanId: sent.spanId,
          parentSpanId: sent.parentSpanId || undefined,
          name: sent.name,
          kind: sent.kind,
          status: sent.status?.code ?? 0,
          attributes: {
            'service.name': service['service.name'],
            'service.version': service['service.version'],
            ...valuesOf(sent.attributes ?? []),
          },
        })
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    spans: () => spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function valuesOf(pairs: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))
}
