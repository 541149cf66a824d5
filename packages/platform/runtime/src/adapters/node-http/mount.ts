import type { IncomingMessage, ServerResponse } from 'node:http'
import { AtlasError } from '@atlas/contract'
import { currentCall, type LoadedMount, type RunningMount } from '@atlas/sdk'
import { stringifyError } from '../../http/encode-response.ts'
import type { Exchange } from './exchange.ts'

type WebMount = Extract<LoadedMount, { kind: 'web' }>
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

const webListeners = new WeakMap<WebMount, Promise<Listener>>()

/** Gives a request to a mounted app. An app that fails answers `internal`, as an endpoint would. */
export async function handOver(exchange: Exchange, mount: RunningMount): Promise<void> {
  const { request, response, scope } = exchange
  const { app, prefix } = mount
  try {
    if (app.kind === 'node') {
      enter(exchange, prefix)
      await currentCall.run(scope, app.handle, request, response)
    } else await currentCall.run(scope, await webListener(app), request, response)
  } catch (cause) {
    exchange.mountFailed(new AtlasError('internal', 'internal error', { cause }))
  }
}

/** Rewrites the URL as Express's `app.use(prefix)` does: what is below the prefix, and the rest beside it. */
function enter({ request, path, query }: Exchange, prefix: string): void {
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
