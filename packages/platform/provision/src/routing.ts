import { parseRoute } from '@atlas/contract'
import { pascalCase } from '@atlas/interface'
import { names } from './names.ts'
import type { Provisioned } from './provisioned.ts'

/** The host that a product answers at, and those by which servlets call this one: `gateway` in its namespace is the internal gateway. */
export function hostsOf({ environment, servlet }: Provisioned): string[] {
  return [environment.domain, ...internalHostsOf(servlet.name)]
}

/** The names of a servlet within the cluster. */
export function internalHostsOf(servlet: string): string[] {
  const host = `${names.gateway}.${names.namespace(servlet)}`
  return [host, `${host}.svc.cluster.local`]
}

/** How long a gateway waits for an answer: as long as the servlet takes, which has limits of its own (in the Gateway API 0 is none). */
export const noTimeout = '0s'

/** A match of an HTTPRoute. */
export interface RouteMatch {
  readonly path: { readonly type: 'PathPrefix'; readonly value: string }
}

/**
 * What is sent to a servlet: the first literal parts of its routes and mounts, and its gRPC service. Not endpoint by endpoint: a route
 * may have 64 matches, and a new endpoint should not change it. The runtime finds the endpoint, or says that there is none.
 */
export function matchesOf({
  name,
  routes,
  mounts,
}: Pick<Provisioned['servlet'], 'name' | 'routes' | 'mounts'>): RouteMatch[] {
  const prefixes = new Set<string>(mounts.map(({ prefix }) => prefix))
  for (const { route } of routes) {
    const parsed = parseRoute(route)
    if (parsed.ok) prefixes.add(literalPrefix(parsed.value.segments))
  }
  const covered = [...prefixes].filter(
    (prefix) =>
      ![...prefixes].some((other) => other !== prefix && (other === '/' || prefix.startsWith(`${other}/`))),
  )
  return [...covered.sort(), `/${name.replaceAll('-', '_')}.${pascalCase(name)}/`].map((value) => ({
    path: { type: 'PathPrefix', value },
  }))
}

function literalPrefix(segments: readonly { readonly kind: string; readonly value?: string }[]): string {
  const end = segments.findIndex(({ kind }) => kind !== 'literal')
  const literal = end === -1 ? segments : segments.slice(0, end)
  return `/${literal.map(({ value }) => value).join('/')}`
}
