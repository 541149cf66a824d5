import { AtlasError } from '@atlas/contract'
import { enforceAccess, type Instance } from '@atlas/sdk'
import { type Authenticate, bearerToken, cachedAuthentication } from './authentication.ts'
import { answerConnect } from './connect/answer.ts'
import { refuseConnect } from './connect/refuse.ts'
import { startDeadline } from './deadline.ts'
import { decodeSubject, hopHeaders } from './gateway/subject.ts'
import { answerGrpc } from './grpc/answer.ts'
import { checkGrpc, isGrpc } from './grpc/content-type.ts'
import { startGrpcDeadline } from './grpc/deadline.ts'
import { refuseGrpc } from './grpc/refuse.ts'
import { answerHttp } from './http/answer.ts'
import { encodeError } from './http/encode-response.ts'
import type { Limits } from './limits.ts'
import { notAllowed, nothingServed } from './not-served.ts'
import type { Overload } from './overload/overload.ts'
import { answerPage, type Pages, type Scrape } from './pages.ts'
import type { RequestScope } from './request-scope.ts'
import { routingTable, type Served, type ServedMount } from './routing-table.ts'
import { isMethod } from './rpc/method.ts'
import { type FindDocument, type PlatformServices, rpcServices } from './rpc/services.ts'
import type { RequestTelemetry } from './telemetry/request-telemetry.ts'
import type { Answer, UniversalHeaders, UniversalRequest, UniversalResponse } from './universal.ts'

/** What a dispatcher is made of. */
export interface DispatchOptions {
  readonly instances: () => readonly Instance[]
  readonly documents: FindDocument | undefined
  /** The services that are there beside those of servlets. */
  readonly platform: PlatformServices
  readonly listener: 'public' | 'internal' | 'gateway'
  readonly authenticate: Authenticate | undefined
  readonly ready: () => boolean
  readonly pages: Pages | undefined
  readonly state: ((path: string) => AtlasError | undefined) | undefined
  readonly limits: Limits
  /** Decides which requests run. @default all do */
  readonly overload: Overload | undefined
  /** Told of requests once it is known what they are for. */
  readonly telemetry: RequestTelemetry | undefined
  /** What `/-/metrics` says. @default there are none */
  readonly scrape: Scrape | undefined
}

/** Answers requests, whatever socket they came by. */
export interface Dispatcher {
  /** Never rejects. */
  respond(request: UniversalRequest): Promise<UniversalResponse>
  /** The answer to a request that is given up. */
  refuse(request: UniversalRequest, error: AtlasError): Answer
  /** Looks at `instances` again. @throws AtlasError when they conflict; what was served before is still served */
  refresh(): void
}

function hasToken({ headers, scope }: UniversalRequest): boolean {
  return headers.authorization !== undefined || scope.token !== undefined
}

/** Makes a dispatcher. @throws AtlasError when instances conflict */
export function createDispatcher(options: DispatchOptions): Dispatcher {
  const { limits, telemetry, overload } = options
  const servicesOf = (instances: readonly Instance[]) =>
    rpcServices(instances, options.documents ?? (() => undefined), options.platform)
  let table = routingTable(options.instances())
  let services = servicesOf(options.instances())
  const subjectOf = options.authenticate && cachedAuthentication(options.authenticate, limits)

  const refuse = (request: UniversalRequest, error: AtlasError): Answer => {
    const { served } = request.scope
    const method = isMethod(served) ? served : undefined
    if (isGrpc(request)) return refuseGrpc(request, error, method)
    return method ? refuseConnect(request, error, method) : encodeError(error, served?.headers)
  }

  async function respond(request: UniversalRequest): Promise<UniversalResponse> {
    try {
      const grpc = isGrpc(request)
      if (grpc) checkGrpc(request)
      // The name of a service has a dot, which few other paths have.
      const called = request.path.includes('.') ? services.find(request.path) : undefined
      if (called) {
        request.scope.served = called
        admit(request)
        telemetry?.begin(request, called, grpc ? 'grpc' : 'connect')
        if (grpc) startGrpcDeadline(request)
        else startDeadline(request)
        if (overload) limit(request, called, overload)
        if (hasToken(request)) await identify(request)
        enforceAccess(called.access, request.scope, called.endpoint ?? called.path)
        return await (grpc ? answerGrpc(called, request, limits) : answerConnect(called, request, limits))
      }
      if (grpc) throw new AtlasError('unimplemented', `there is no method ${request.path}`)
      const { method } = request
      const match = table.endpoints.find(method === 'HEAD' ? 'GET' : method, request.path)
      if (!match) return await respondElsewhere(request)
      const served = match.target
      const { scope } = request
      scope.served = served
      admit(request)
      telemetry?.begin(request, served, 'http')
      startDeadline(request)
      if (overload) limit(request, served, overload)
      if (hasToken(request)) await identify(request)
      // Before the body is read: who may not call should not make us read megabytes.
      enforceAccess(served.definition.access, scope, served.endpoint)
      return await answerHttp(served, match.values, request, limits)
    } catch (reason) {
      return refuse(request, errorOf(reason))
    }
  }

  function admit({ scope, headers }: UniversalRequest): void {
    if (options.listener === 'gateway') return admitHop(scope, headers)
    scope.listener = options.listener
    // Anybody can send the header; on the internal listener nobody but the gateway can.
    if (options.listener === 'internal') scope.caller = headers['x-atlas-caller'] as string | undefined
  }

  async function identify({ scope, headers }: UniversalRequest): Promise<void> {
    const token = subjectOf && (bearerToken(headers.authorization as string | undefined) ?? scope.token)
    if (token !== undefined) scope.user = await subjectOf!(token)
  }

  async function respondElsewhere(request: UniversalRequest): Promise<UniversalResponse> {
    const { method, path } = request
    if (path.startsWith('/-/')) return await answerPage(request, options)
    const mounted = table.mountAt(path)
    if (mounted) return enterMount(mounted, request)
    const allowed = table.endpoints.allowed(path)
    if (allowed.length === 0) throw options.state?.(path) ?? nothingServed(path)
    if (allowed.includes('GET')) allowed.push('HEAD')
    allowed.push('OPTIONS')
    return notAllowed(method, allowed)
  }

  /** A mounted app may have users of its own, so tokens are looked at only where ours are asked for. */
  async function enterMount(mounted: ServedMount, request: UniversalRequest): Promise<UniversalResponse> {
    const { mount, servlet } = mounted
    request.scope.served = mounted
    admit(request)
    telemetry?.begin(request, mounted, 'http')
    const { scope } = request
    if (overload) {
      scope.admission = overload.mount(servlet, mount.prefix)
      scope.admission.check(scope)
    }
    if (mount.access === 'user') await identify(request)
    enforceAccess(mount.access, request.scope, mount.prefix)
    await scope.enter()
    return { kind: 'handover', mount }
  }

  return {
    respond,
    refuse,
    refresh: () => {
      const instances = options.instances()
      table = routingTable(instances)
      services = servicesOf(instances)
    },
  }
}

/** Where requests come through a gateway only, it has found out who calls, and says so in headers of its own. */
function admitHop(scope: RequestScope, headers: UniversalHeaders): void {
  const subject = headers[hopHeaders.subject]
  scope.listener = headers[hopHeaders.listener] === 'internal' ? 'internal' : 'public'
  scope.caller = headers[hopHeaders.caller] as string | undefined
  if (subject !== undefined) scope.user = decodeSubject(subject as string)
}

/** Refuses early whom the endpoint has no room for: before it is looked up who calls, and before a body is read. */
function limit({ scope }: UniversalRequest, served: Served, overload: Overload): void {
  // What the platform serves itself is always there: it says how the others are.
  if (served.endpoint === undefined) return
  scope.admission = overload.endpoint(served.servlet, served.endpoint)
  scope.admission.check(scope)
}

/** What went wrong, as callers may see it. */
export function errorOf(reason: unknown): AtlasError {
  if (reason instanceof URIError)
    return new AtlasError(
      'invalid_argument',
      'the path or query is not valid percent-encoding of UTF-8; write % itself as %25',
      { cause: reason },
    )
  return AtlasError.from(reason)
}
