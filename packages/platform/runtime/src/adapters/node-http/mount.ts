import type { IncomingMessage, ServerResponse } from 'node:http'
import { AtlasError } from '@atlas/contract'
import { type CallScope, currentCall, type LoadedMount, type RunningMount } from '@atlas/sdk'
import { stringifyError } from '../../http/encode-response.ts'
import type { RequestScope } from '../../request-scope.ts'

/** A request on its way into a mounted app. */
export interface Entry {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly scope: CallScope
  readonly path: string
  readonly query: string
  /** The app threw. */
  mountFailed(error: AtlasError): void
}

type WebMount = Extract<LoadedMount, { kind: 'web' }>
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

const webListeners = new WeakMap<WebMount, Promise<Listener>>()

/** Gives a request to a mounted app. An app that fails answers `internal`, as an endpoint would. */
export async function handOver(entry: Entry, mount: RunningMount): Promise<void> {
  const { request, response, scope } = entry
  const { app, prefix } = mount
  const { edgeHeaders = [] } = scope as Partial<RequestScope>
  for (let at = 0; at < edgeHeaders.length; at += 2)
    response.setHeader(edgeHeaders[at]!, edgeHeaders[at + 1]!)
  try {
    if (app.kind === 'node') {
      enter(entry, prefix)
      await currentCall.run(scope, app.handle, request, response)
    } else await currentCall.run(scope, await webListener(app), request, response)
  } catch (cause) {
    entry.mountFailed(new AtlasError('internal', 'internal error', { cause }))
  }
}

/** Rewrites the URL as Express's `app.use(prefix)` does: what is below the prefix, and the rest beside it. */
function enter({ request, path, query }: Entry, prefix: string): void {
  const search = query && `?${query}`
  request.url = `${path.slice(prefix.length) || '/'}${search}`
  Object.assign(request, { baseUrl: prefix, originalUrl: `${path}${search}` })
}

function webListener(app: WebMount): Promise<Listener> {
  let listener = webListeners.get(app)
  if (!listener) {
    listener = makeWebListener(app)
    webListeners.set(app, listener)
  }
  return listener
}

async function makeWebListener(app: WebMount): Promise<Listener> {
  // Most servlets mount nothing, and this costs a process 40 ms of its start.
  const { getRequestListener } = await import('@hono/node-server')
  return getRequestListener(app.handle, { overrideGlobalObjects: false, errorHandler: webFailed })
}

function webFailed(): Response {
  return new Response(stringifyError(new AtlasError('internal', 'internal error')), {
    status: 500,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
  })
}
