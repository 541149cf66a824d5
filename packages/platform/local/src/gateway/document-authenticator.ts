import { AtlasError, codeOfHttpStatus, isCode, mustParseRoute } from '@atlas/contract'
import type { CatalogServlet } from '@atlas/manifest'
import { type Forward, RequestScope, type UniversalRequest } from '@atlas/runtime'
import type { Authenticate } from '../authenticator.ts'

/**
 * The environment's authenticator (`"authenticator": "identity.verify"`), called by what its interface document says of it:
 * the process of the gateway loads no product code.
 *
 * @throws AtlasError from the function: `unavailable` when the servlet is not there
 */
export function documentAuthenticator(
  named: string,
  servletOf: (name: string) => CatalogServlet | undefined,
  forward: Forward,
): Authenticate {
  const [servlet = '', endpoint = ''] = named.split('.')
  return async (token, signal) => {
    const entry = servletOf(servlet)
    if (!entry) throw new AtlasError('unavailable', `nobody can sign in: ${servlet} is not running`)
    const route = entry.routes.find((each) => each.endpoint === endpoint)?.route
    if (route === undefined) throw new AtlasError('internal', `the authenticator ${named} does not exist`)
    return ask(servlet, route, token, signal, forward)
  }
}

async function ask(servlet: string, route: string, token: string, signal: AbortSignal, forward: Forward) {
  const { method, segments } = mustParseRoute(route)
  const inPath = segments.some((segment) => segment.kind !== 'literal')
  const path = `/${segments.map((segment) => (segment.kind === 'literal' ? segment.value : encodeURIComponent(token))).join('/')}`
  const inQuery = !inPath && (method === 'GET' || method === 'DELETE')
  const scope = new RequestScope()
  const abort = () =>
    scope.abort(AtlasError.from(signal.reason ?? new DOMException('the call was cancelled', 'AbortError')))
  signal.addEventListener('abort', abort, { once: true })
  const request: UniversalRequest = {
    method,
    path,
    query: inQuery ? `token=${encodeURIComponent(token)}` : '',
    headers: { host: servlet, accept: 'application/json', 'content-type': 'application/json' },
    body: inPath || inQuery ? undefined : bodyOf(JSON.stringify({ token })),
    scope,
    interrupt: (error) => scope.abort(error),
  }
  try {
    const answer = await forward(servlet, request, {
      listener: 'internal',
      caller: 'gateway',
      subject: undefined,
      timeoutMs: undefined,
    })
    // A mounted app would be handed over; an endpoint answers.
    const text = answer.kind === 'answer' ? await textOf(answer.body) : '{}'
    const document = JSON.parse(text) as Record<string, unknown>
    if (answer.kind !== 'answer' || answer.status < 400) return document
    const code = isCode(document.code) ? document.code : codeOfHttpStatus(answer.status)
    throw new AtlasError(code, String(document.message ?? `${servlet} answered ${answer.status}`))
  } finally {
    signal.removeEventListener('abort', abort)
    scope.end()
  }
}

function bodyOf(text: string): UniversalRequest['body'] {
  const bytes = Buffer.from(text)
  return {
    sizeBytes: bytes.byteLength,
    read: async () => bytes,
    stream: () => new Blob([bytes]).stream() as ReadableStream<Uint8Array>,
  }
}

type Body = Extract<Awaited<ReturnType<Forward>>, { kind: 'answer' }>['body']

async function textOf(body: Body): Promise<string> {
  if (body === undefined) return '{}'
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8')
  const chunks: Uint8Array[] = []
  for (;;) {
    const { done, value } = await body.next()
    if (done) return Buffer.concat(chunks).toString('utf8')
    chunks.push(typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array))
  }
}
