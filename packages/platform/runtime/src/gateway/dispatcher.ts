import { AtlasError, mustParseRoute } from '@atlas/contract'
import { type InterfaceDocument, pascalCase } from '@atlas/interface'
import { bearerToken, cachedAuthentication } from '../authentication.ts'
import { answerConnect } from '../connect/answer.ts'
import { connectTypeOf } from '../connect/content-type.ts'
import { refuseConnect } from '../connect/refuse.ts'
import { startDeadline } from '../deadline.ts'
import { type Dispatcher, errorOf } from '../dispatch.ts'
import { answerGrpc } from '../grpc/answer.ts'
import { checkGrpc, isGrpc } from '../grpc/content-type.ts'
import { startGrpcDeadline } from '../grpc/deadline.ts'
import { refuseGrpc } from '../grpc/refuse.ts'
import { encodeError } from '../http/encode-response.ts'
import type { Limits } from '../limits.ts'
import { notAllowed, nothingServed } from '../not-served.ts'
import { answerPage, type Pages, type Scrape } from '../pages.ts'
import { createRouter } from '../router.ts'
import type { Served } from '../routing-table.ts'
import { isMethod, type RpcMethod } from '../rpc/method.ts'
import { documentServices, type PlatformServices, type RpcServices } from '../rpc/services.ts'
import type { RequestTelemetry } from '../telemetry/request-telemetry.ts'
import type { Answer, UniversalRequest, UniversalResponse } from '../universal.ts'
import { decodeSubject, encodeSubject, hopHeaders } from './subject.ts'
import type { Hop } from './upstream.ts'

/** A servlet that runs elsewhere, as its interface document has it. */
export interface GatewayServlet {
  readonly name: string
  readonly routes: readonly { readonly endpoint: string; readonly route: string }[]
  readonly mounts: readonly { readonly prefix: string; readonly access: 'public' | 'user' | 'internal' }[]
  /** Asked for when somebody wants descriptions of gRPC services. */
  readonly document: () => InterfaceDocument | undefined
}

/** Sends a request to a servlet. @throws AtlasError when there is no answer */
export type Forward = (servlet: string, request: UniversalRequest, hop: Hop) => Promise<UniversalResponse>

/**
 * Says which servlet the token of a call belongs to.
 *
 * @param callee the servlet that is called: tokens are for one only
 * @throws AtlasError when it is none, or for another servlet
 */
export type CallerOf = (token: string | undefined, callee: string) => Promise<string>

/** What a gateway's dispatcher is made of. */
export interface GatewayDispatchOptions {
  readonly servlets: () => readonly GatewayServlet[]
  readonly forward: Forward
  /** Of the internal gateway. @default this is the public one */
  readonly callerOf: CallerOf | undefined
  readonly authenticate: ((token: string, signal: AbortSignal) => Promise<unknown>) | undefined
  readonly ready: () => boolean
  readonly pages: Pages | undefined
  readonly telemetry: RequestTelemetry | undefined
  readonly scrape: Scrape | undefined
  readonly platform: PlatformServices
  readonly state: ((path: string) => AtlasError | undefined) | undefined
  readonly limits: Limits
}

interface Target extends Served {
  readonly endpoint: string
  /** As of endpoints that are served here: telemetry names the route. */
  readonly binding: { readonly pattern: ReturnType<typeof mustParseRoute> }
}

interface Table {
  readonly endpoints: ReturnType<typeof createRouter<Target>>
  readonly mounts: readonly { readonly served: Served; readonly prefix: string; readonly access: string }[]
  /** Servlets by the names of their gRPC services. */
  readonly services: ReadonlyMap<string, Served>
  /** Endpoints by the paths of their methods. */
  readonly methods: ReadonlyMap<string, Target>
  readonly platform: RpcServices
}

/**
 * Answers as a server with all servlets in it would, but knows them by their documents only, and sends requests on. What
 * it cannot know (a body that is no JSON, a method that does not exist) is left to the servlet, whose answer is the same.
 */
export function createGatewayDispatcher(options: GatewayDispatchOptions): Dispatcher {
  const { limits, callerOf, telemetry } = options
  const listener = callerOf ? 'internal' : 'public'
  const subjectOf = options.authenticate && cachedAuthentication(options.authenticate, limits)
  let table = tableOf(options)

  const refuse = (request: UniversalRequest, error: AtlasError): Answer => {
    const { served } = request.scope
    const method = isMethod(served) ? served : undefined
    if (isGrpc(request)) return refuseGrpc(request, error, method)
    if (method) return refuseConnect(request, error, method)
    if (connectTypeOf(request) && table.services.has(serviceIn(request.path) ?? ''))
      return refuseConnect(request, error, anyMethod)
    return encodeError(error)
  }

  async function respond(request: UniversalRequest): Promise<UniversalResponse> {
    try {
      const { scope, method, path } = request
      const grpc = isGrpc(request)
      if (grpc) checkGrpc(request)
      scope.listener = listener
      const service = serviceIn(path)
      const servlet = service === undefined ? undefined : table.services.get(service)
      if (servlet) {
        const called = table.methods.get(path) ?? servlet
        scope.served = called
        telemetry?.begin(request, called, grpc ? 'grpc' : 'connect')
        if (grpc) startGrpcDeadline(request)
        else startDeadline(request)
        return await send(request, called.servlet, true)
      }
      const own = service?.startsWith('grpc.') ? table.platform.find(path) : undefined
      if (own) return await answerOwn(own, request, grpc)
      if (grpc) throw new AtlasError('unimplemented', `there is no method ${path}`)
      const match = table.endpoints.find(method === 'HEAD' ? 'GET' : method, path)
      if (match) {
        scope.served = match.target
        telemetry?.begin(request, match.target, 'http')
        startDeadline(request)
        return await send(request, match.target.servlet, true)
      }
      if (path.startsWith('/-/')) return await answerPage(request, options)
      const mount = table.mounts.find(({ prefix }) => isUnder(path, prefix))
      if (mount) {
        scope.served = mount.served
        telemetry?.begin(request, mount.served, 'http')
        // A mounted app may have users of its own, so tokens are looked at only where ours are asked for.
        return await send(request, mount.served.servlet, mount.access === 'user')
      }
      const allowed = table.endpoints.allowed(path)
      if (allowed.length === 0) throw options.state?.(path) ?? nothingServed(path)
      if (allowed.includes('GET')) allowed.push('HEAD')
      return notAllowed(method, [...allowed, 'OPTIONS'])
    } catch (reason) {
      return refuse(request, errorOf(reason))
    }
  }

  async function send(
    request: UniversalRequest,
    servlet: string,
    users: boolean,
  ): Promise<UniversalResponse> {
    const { scope, headers } = request
    if (callerOf) scope.caller = await callerOf(headers[hopHeaders.token] as string | undefined, servlet)
    let subject = callerOf ? (headers[hopHeaders.subject] as string | undefined) : undefined
    if (subject !== undefined) scope.user = decodeSubject(subject)
    else if (users && subjectOf) {
      const token = bearerToken(headers.authorization as string | undefined) ?? scope.token
      if (token !== undefined) {
        scope.user = await subjectOf(token)
        subject = encodeSubject(scope.user)
      }
    }
    const { deadline } = scope
    const answer = await options.forward(servlet, request, {
      listener,
      caller: scope.caller,
      subject,
      get timeoutMs() {
        return deadline === undefined ? undefined : deadline - Date.now()
      },
    })
    // Its span is the servlet's. What is refused here has one from here, as if gateway and servlet were one process.
    scope.leaveTrace()
    return answer
  }

  async function answerOwn(method: RpcMethod, request: UniversalRequest, grpc: boolean) {
    request.scope.served = method
    if (grpc) startGrpcDeadline(request)
    else startDeadline(request)
    return grpc ? answerGrpc(method, request, limits) : answerConnect(method, request, limits)
  }

  return {
    respond,
    refuse,
    refresh: () => {
      table = tableOf(options)
    },
  }
}

function tableOf({ servlets, platform }: GatewayDispatchOptions): Table {
  const all = servlets()
  const routes = all.flatMap(({ name, routes }) =>
    routes.map(({ endpoint, route }) => {
      const pattern = mustParseRoute(route)
      return { pattern, target: { servlet: name, endpoint, headers: [], binding: { pattern } } }
    }),
  )
  const mounts = all.flatMap(({ name, mounts }) =>
    mounts.map(({ prefix, access }) => ({
      served: { servlet: name, endpoint: undefined, headers: [], mount: { prefix } },
      prefix,
      access,
    })),
  )
  mounts.sort((a, b) => b.prefix.length - a.prefix.length)
  let described: RpcServices | undefined
  // Descriptions need every document to be read, and few ask for them.
  const describe = () => {
    described ??= documentServices(
      all.flatMap(({ document }) => document() ?? []),
      platform,
    )
    return described
  }
  return {
    endpoints: createRouter(routes),
    mounts,
    services: new Map(
      all.map(({ name }) => [serviceOf(name), { servlet: name, endpoint: undefined, headers: [] }]),
    ),
    methods: new Map(
      routes.map(({ target }) => [`/${serviceOf(target.servlet)}/${pascalCase(target.endpoint)}`, target]),
    ),
    platform: {
      find: (path) => describe().find(path),
      names: () => describe().names(),
      fileNamed: (name) => describe().fileNamed(name),
      fileWith: (symbol) => describe().fileWith(symbol),
    },
  }
}

/** `file_links.FileLinks` of `file-links`. */
function serviceOf(servlet: string): string {
  return `${servlet.replaceAll('-', '_')}.${pascalCase(servlet)}`
}

/** `greeter.Greeter` of `/greeter.Greeter/Greet`. */
function serviceIn(path: string): string | undefined {
  const end = path.indexOf('/', 1)
  const name = end < 0 ? '' : path.slice(1, end)
  return name.includes('.') ? name : undefined
}

function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}

/** Of a method of which only its servlet knows more, all that refusing a call of it needs. */
const anyMethod = { headers: [], details: () => [] } as unknown as RpcMethod
