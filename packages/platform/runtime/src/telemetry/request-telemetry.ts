import type { AtlasError } from '@atlas/contract'
import type { Served, ServedEndpoint, ServedMount } from '../routing-table.ts'
import type { RpcMethod } from '../rpc/method.ts'
import type { Protocol } from './metrics/metrics.ts'
import { codeNumberOf, codeNumberOfStatus } from './metrics/outcome.ts'
import type { EndpointName, ObservedEndpoint } from './observed-endpoint.ts'
import type { ObservedScope, RequestHeaders } from './observed-scope.ts'

/** A request, as far as telemetry looks at it. */
export interface ObservedRequest {
  readonly path: string
  readonly headers: RequestHeaders
  readonly scope: ObservedScope & {
    readonly caller: string | undefined
    readonly listener: 'public' | 'internal'
  }
}

/** Observes the requests of a server, as its dispatcher and its adapters tell of them. */
export class RequestTelemetry {
  readonly #endpoint: (name: EndpointName | Protocol) => ObservedEndpoint
  readonly #trusted: boolean
  readonly #observed = new Map<Protocol, WeakMap<Served, ObservedEndpoint>>()

  /** @param trusted whether whoever calls may decide that a trace is recorded */
  constructor(endpoint: (name: EndpointName | Protocol) => ObservedEndpoint, trusted: boolean) {
    this.#endpoint = endpoint
    this.#trusted = trusted
  }

  /** It is known what a request is for. What the platform itself serves (health, reflection) is not counted. */
  begin({ scope, headers, path }: ObservedRequest, served: Served, protocol: Protocol): void {
    const observed = this.#of(served, protocol)
    // Behind a gateway both come by one way, and each says which it is.
    const trusted = this.#trusted || scope.listener === 'internal'
    if (observed) scope.beginObserving(observed, headers, trusted, path)
  }

  /**
   * A request is over. One that never began was for nothing that is served, and is counted as that.
   *
   * @param served what it was for
   * @param error undefined also where a mounted app answered with one of its own
   * @param status 0 when nothing was sent
   */
  end(
    { scope, headers, path }: ObservedRequest,
    served: Served | undefined,
    error: AtlasError | undefined,
    status: number,
    bytesIn: number,
    bytesOut: number,
  ): void {
    if (!scope.observed) {
      if (served !== undefined || path.startsWith('/-/')) return
      const type = headers['content-type']
      const grpc = typeof type === 'string' && type.startsWith('application/grpc')
      scope.beginObserving(this.#endpoint(grpc ? 'grpc' : 'http'), headers, this.#trusted, undefined)
    }
    const codeNumber = error || status === 0 ? codeNumberOf(error) : codeNumberOfStatus(status)
    scope.endObserving(codeNumber, status, bytesIn, bytesOut, scope.caller, path)
  }

  #of(served: Served, protocol: Protocol): ObservedEndpoint | undefined {
    let ofProtocol = this.#observed.get(protocol)
    if (!ofProtocol) {
      ofProtocol = new WeakMap()
      this.#observed.set(protocol, ofProtocol)
    }
    let observed = ofProtocol.get(served)
    if (!observed) {
      const name = nameOf(served, protocol)
      if (!name) return undefined
      observed = this.#endpoint(name)
      ofProtocol.set(served, observed)
    }
    return observed
  }
}

function nameOf(
  served: Served | ServedEndpoint | ServedMount | RpcMethod,
  protocol: Protocol,
): EndpointName | undefined {
  const { servlet } = served
  if ('mount' in served) return { servlet, endpoint: served.mount.prefix, protocol }
  if (served.endpoint === undefined) return undefined
  const name = { servlet, endpoint: served.endpoint, protocol }
  if ('codecs' in served) return { ...name, rpcMethod: served.path.slice(1) }
  if (protocol !== 'http' || !('binding' in served)) return name
  const { method, path } = served.binding.pattern
  return { ...name, route: `${method} ${path}` }
}
