import type { Mount, MountOptions, WebHandler } from './mount.ts'

/**
 * Mounts a web handler or an app that has one as `fetch`: `mount: { '/docs': web(app) }`. It sees the whole URL.
 *
 * @throws TypeError for anything else
 */
export function web(app: WebHandler | { readonly fetch: WebHandler }, options: MountOptions = {}): Mount {
  if (typeof app !== 'function' && typeof app?.fetch !== 'function')
    throw new TypeError('web() was given neither a function (request) nor an app with one as fetch')
  const handle: WebHandler = typeof app === 'function' ? app : (request) => app.fetch(request)
  return {
    kind: 'web',
    access: options.access ?? 'internal',
    openapi: options.openapi,
    load: async () => ({ kind: 'web', handle, close: async () => {} }),
  }
}
