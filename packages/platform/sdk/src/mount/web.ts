import type { Mount, MountOptions, WebHandler } from './mount.ts'

/** Mounts a web handler or an app that has one as `fetch`: `mount: { '/docs': web(app) }`. It sees the whole URL. */
export function web(app: WebHandler | { readonly fetch: WebHandler }, options: MountOptions = {}): Mount {
  const handle: WebHandler = typeof app === 'function' ? app : (request) => app.fetch(request)
  return {
    kind: 'web',
    access: options.access ?? 'internal',
    openapi: options.openapi,
    load: async () => ({ kind: 'web', handle, close: async () => {} }),
  }
}
