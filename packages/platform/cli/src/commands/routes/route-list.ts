import { parseRoute, type RoutePattern } from '@atlas/contract'
import type { Catalog, CatalogAccess } from '@atlas/manifest'

/** A route of some servlet: of an endpoint, or all below the prefix of a mounted app. */
export interface ListedRoute {
  /** `*` for a mounted app: it answers every method, or not. */
  readonly method: string
  /** `/files/{path*}`; `/legacy/*` for a mounted app. */
  readonly path: string
  readonly servlet: string
  /** Undefined for a mounted app. */
  readonly endpoint?: string
  readonly access: CatalogAccess
}

/** A listed route that a router can find. */
export interface RoutedRoute {
  readonly pattern: RoutePattern
  readonly target: ListedRoute
}

/** The routes and the mounts of a catalog, each in order of its path. */
export function routesIn({ servlets }: Catalog): {
  readonly endpoints: readonly RoutedRoute[]
  readonly mounts: readonly { readonly prefix: string; readonly target: ListedRoute }[]
} {
  const endpoints = servlets.flatMap(({ name, routes }) =>
    routes.flatMap(({ endpoint, route, access }) => {
      const parsed = parseRoute(route)
      // A route that is none is a finding of atlas check.
      if (!parsed.ok) return []
      const { method, path } = parsed.value
      return [{ pattern: parsed.value, target: { method, path, servlet: name, endpoint, access } }]
    }),
  )
  const mounts = servlets.flatMap(({ name, mounts: own }) =>
    own.map(({ prefix, access }) => ({
      prefix,
      target: { method: '*', path: `${prefix === '/' ? '' : prefix}/*`, servlet: name, access },
    })),
  )
  return {
    endpoints: endpoints.sort((a, b) => inOrder(a.target, b.target)),
    mounts: mounts.sort((a, b) => inOrder(a.target, b.target)),
  }
}

function inOrder(a: ListedRoute, b: ListedRoute): number {
  return compare(a.path, b.path) || compare(a.method, b.method) || compare(a.servlet, b.servlet)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
