import type { LoadedMount, Mount, MountOptions, NodeHandler } from './mount.ts'

/** A Fastify app: `routing` is its Node handler once it is ready. */
interface FastifyLike {
  ready(): PromiseLike<unknown>
  routing: NodeHandler
  close(): PromiseLike<unknown>
}

/** A NestJS app: its HTTP adapter holds an Express or Fastify app. */
interface NestLike {
  init(): PromiseLike<unknown>
  getHttpAdapter(): { getInstance(): unknown }
  close(): PromiseLike<unknown>
}

/** What {@link node} can mount. */
export type NodeApp = NodeHandler | FastifyLike | NestLike

/**
 * Mounts a Node app as it is: `mount: { '/legacy': node(async () => app, { access: 'public' }) }`. Takes Express and
 * Connect apps, any `(request, response)` function, Fastify and NestJS apps; waits until the app is ready and closes it
 * when the servlet closes. As with Express's own `use`, the app sees paths below the prefix, `baseUrl` and
 * `originalUrl` say the rest.
 */
export function node(app: () => NodeApp | Promise<NodeApp>, options: MountOptions = {}): Mount {
  return {
    kind: 'node',
    access: options.access ?? 'internal',
    openapi: options.openapi,
    load: async () => {
      const made: unknown = app()
      // To await a Fastify app is to make it ready, and one that fails would be out of reach to be closed.
      return loadApp(isFastify(made) ? made : await made)
    },
  }
}

async function loadApp(app: unknown): Promise<LoadedMount> {
  // NestJS wraps its app in a proxy that answers to many names, so it is asked first.
  if (has(app, 'init', 'getHttpAdapter')) {
    const nest = app as NestLike
    return closedUnless(nest, async () => {
      await nest.init()
      return { ...(await loadApp(nest.getHttpAdapter().getInstance())), close: closerOf(nest) }
    })
  }
  if (isFastify(app))
    return closedUnless(app, async () => {
      await app.ready()
      return {
        kind: 'node',
        handle: (request, response) => app.routing(request, response),
        close: closerOf(app),
      }
    })
  if (typeof app === 'function') return { kind: 'node', handle: app as NodeHandler, close: async () => {} }
  throw new TypeError(
    `node() was given ${kindOf(app)}; return an Express app, a Fastify or NestJS app, or a function (request, response)`,
  )
}

function isFastify(app: unknown): app is FastifyLike {
  return has(app, 'ready', 'routing')
}

interface Closable {
  close(): PromiseLike<unknown>
}

/** An app that does not get ready is closed: its plugins may have opened connections before the one that failed. */
async function closedUnless(app: Closable, load: () => Promise<LoadedMount>): Promise<LoadedMount> {
  try {
    return await load()
  } catch (error) {
    await closerOf(app)().catch(() => {})
    throw error
  }
}

function closerOf(app: Closable): () => Promise<void> {
  return async () => {
    await app.close()
  }
}

function has(value: unknown, ...names: string[]): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

function kindOf(app: unknown): string {
  if (app === undefined || app === null) return 'nothing'
  if (has(app, 'listen', 'address')) return 'a server'
  if (has(app, 'callback')) return `a Koa app, whose handler is app.callback()`
  return typeof app === 'object'
    ? `an object without a handler (${app.constructor?.name ?? 'no class'})`
    : `a ${typeof app}`
}
