import { AtlasError } from '@atlas/contract'
import { type Authenticate, bearerToken, cachedAuthentication } from '../authentication.ts'
import type { Dispatcher } from '../dispatch.ts'
import type { Limits } from '../limits.ts'
import { notAllowed } from '../not-served.ts'
import type { Answer, UniversalRequest, UniversalResponse } from '../universal.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import type { EdgePolicy } from './edge-policy.ts'
import { isForged, sessionToken, setCookie } from './session-cookie.ts'

/** Where a page keeps and forgets the session cookie: `POST` with a bearer token, `DELETE`. */
const sessionPath = '/-/session'

/** Puts an environment's policy for browsers in front of a dispatcher, whether servlets run behind it or elsewhere. */
export function withEdge(
  dispatcher: Dispatcher,
  policy: EdgePolicy | undefined,
  { authenticate, limits }: { readonly authenticate: Authenticate | undefined; readonly limits: Limits },
): Dispatcher {
  if (!policy?.cors && !policy?.cookies) return dispatcher
  const { cors, cookies } = policy
  const subjectOf = authenticate && cachedAuthentication(authenticate, limits)

  /** What a mounted app says of its own stays. */
  const dressed = (answer: Answer, request: UniversalRequest): Answer => {
    if (!cors || answer.headers.some((name, index) => index % 2 === 0 && isAllowOrigin(name))) return answer
    return { ...answer, headers: [...answer.headers, ...corsHeaders(cors, request.headers)] }
  }
  const refuse = (request: UniversalRequest, error: AtlasError): Answer =>
    dressed(dispatcher.refuse(request, error), request)

  async function keep({ headers, method }: UniversalRequest): Promise<Answer> {
    if (method === 'DELETE') return cookieAnswer(setCookie(cookies!, undefined))
    if (method !== 'POST') return notAllowed(method, ['POST', 'DELETE', 'OPTIONS'])
    const token = bearerToken(headers.authorization as string | undefined)
    if (token === undefined || !subjectOf)
      throw new AtlasError('unauthenticated', 'send the token to keep: authorization: Bearer TOKEN')
    await subjectOf(token)
    return cookieAnswer(setCookie(cookies!, token))
  }

  async function respond(request: UniversalRequest): Promise<UniversalResponse> {
    const { method, headers, path, scope } = request
    const preflight = cors && preflightHeaders(cors, method, headers)
    if (preflight)
      return { kind: 'answer', status: 204, headers: preflight, body: undefined, error: undefined }
    if (cookies) {
      const token = headers.authorization === undefined ? sessionToken(cookies, headers) : undefined
      if (token !== undefined && isForged(policy!, method, headers)) return refuse(request, forged())
      scope.token = token
      if (path === sessionPath)
        try {
          return dressed(await keep(request), request)
        } catch (reason) {
          return refuse(request, AtlasError.from(reason))
        }
    }
    const response = await dispatcher.respond(request)
    if (response.kind === 'answer') return dressed(response, request)
    if (cors) scope.edgeHeaders = corsHeaders(cors, headers)
    return response
  }

  return { respond, refuse, refresh: () => dispatcher.refresh() }
}

function forged(): AtlasError {
  return new AtlasError(
    'permission_denied',
    "a page of another origin sent this with the user's cookie; name its origin in the environment's cors, with credentials",
  )
}

function cookieAnswer(cookie: string): Answer {
  const headers = ['set-cookie', cookie, 'cache-control', 'no-store']
  return { kind: 'answer', status: 204, headers, body: undefined, error: undefined }
}

function isAllowOrigin(name: string): boolean {
  return name.toLowerCase() === 'access-control-allow-origin'
}
