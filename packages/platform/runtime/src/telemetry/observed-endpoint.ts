import type { Attributes } from '@opentelemetry/api'
import type { Metrics, Protocol } from './metrics/metrics.ts'
import type { RequestSeries } from './metrics/request-series.ts'
import type { SpanSource } from './tracing/span-record.ts'
import type { Tracer } from './tracing/tracer.ts'

/** What telemetry knows of an endpoint by one protocol. Made once, and kept where requests find it without a look-up. */
export interface ObservedEndpoint {
  readonly series: RequestSeries
  readonly source: SpanSource
  /** Of its spans: `files.upload`. */
  readonly spanName: string
  readonly tracer: Tracer
}

/** What is served, or called. */
export interface EndpointName {
  readonly servlet: string
  /** The name in the contract; of a mount its prefix, `/legacy`. */
  readonly endpoint: string
  readonly protocol: Protocol
  /** For plain HTTP: `GET /greet/{name}`. */
  readonly route?: string | undefined
  /** For gRPC and Connect: `greeter.Greeter/Greet`. */
  readonly rpcMethod?: string | undefined
}

/** Makes the observation of a served endpoint. Without a name, of requests for which nothing is served. */
export function observedEndpoint(
  metrics: Metrics,
  tracer: Tracer,
  scope: SpanSource['scope'],
  name: EndpointName | Protocol,
): ObservedEndpoint {
  const known = typeof name === 'string' ? undefined : name
  const protocol = typeof name === 'string' ? name : name.protocol
  return {
    series: metrics.server(known?.servlet, known?.endpoint, protocol),
    source: { servlet: known?.servlet ?? '', scope, attributes: endpointAttributes(known, protocol) },
    spanName: known ? spanName(known.servlet, known.endpoint) : 'unknown',
    tracer,
  }
}

/** `files.upload`; for a mount `files /legacy`. */
export function spanName(servlet: string, endpoint: string): string {
  return endpoint.startsWith('/') ? `${servlet} ${endpoint}` : `${servlet}.${endpoint}`
}

const rpcSystems: Partial<Record<Protocol, string>> = {
  grpc: 'grpc',
  grpc_web: 'grpc',
  connect: 'connectrpc',
}

function endpointAttributes(name: EndpointName | undefined, protocol: Protocol): Attributes {
  const attributes: Attributes = { 'atlas.protocol': protocol }
  if (rpcSystems[protocol]) attributes['rpc.system.name'] = rpcSystems[protocol]
  if (!name) return attributes
  attributes['atlas.servlet'] = name.servlet
  attributes['atlas.endpoint'] = name.endpoint
  if (name.rpcMethod !== undefined) attributes['rpc.method'] = name.rpcMethod
  if (name.route !== undefined) {
    const [method, route] = name.route.split(' ') as [string, string?]
    attributes['http.request.method'] = method
    attributes['http.route'] = route
  }
  return attributes
}
