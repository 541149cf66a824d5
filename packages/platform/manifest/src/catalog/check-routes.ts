import { ambiguity, parseRoute, type RoutePattern, type Segment } from '@atlas/contract'
import { errorFinding, type Finding } from '../finding.ts'
import type { Drafts, ServletDraft } from './drafts.ts'
import { ambiguousPairs } from './route-overlap.ts'

interface PlacedRoute {
  readonly pattern: RoutePattern
  readonly servlet: ServletDraft
  readonly endpoint: string
}

interface PlacedMount {
  readonly prefix: string
  readonly segments: readonly Segment[]
  readonly servlet: ServletDraft
}

const inContract = 'in src/contract.ts, and run npx atlas interface'

/** Routes and mounts share one URL space: whatever a request asks for, it must be clear who answers. */
export function checkRoutes({ servlets }: Drafts): Finding[] {
  const findings: Finding[] = []
  const routes: PlacedRoute[] = []
  const mounts: PlacedMount[] = []
  for (const servlet of servlets) {
    for (const [endpoint, { route }] of Object.entries(servlet.document?.endpoints ?? {})) {
      const parsed = parseRoute(route)
      if (parsed.ok) routes.push({ pattern: parsed.value, servlet, endpoint })
      else
        findings.push(
          invalid(servlet, `endpoints.${endpoint}.route`, parsed.message, `correct it ${inContract}`),
        )
    }
    for (const prefix of Object.keys(servlet.document?.mounts ?? {})) {
      const parsed = parseRoute(`GET ${prefix}`)
      if (parsed.ok && parsed.value.segments.every(({ kind }) => kind === 'literal'))
        mounts.push({ prefix, segments: parsed.value.segments, servlet })
      else
        findings.push(
          invalid(
            servlet,
            `mounts.${prefix}`,
            `'${prefix}' is not a prefix of paths`,
            "mount it at a path without fields, as in '/legacy', and run npx atlas interface",
          ),
        )
    }
  }
  return [...findings, ...ambiguous(routes), ...mountedTwice(mounts), ...mountedOverRoutes(mounts, routes)]
}

function ambiguous(routes: readonly PlacedRoute[]): Finding[] {
  return ambiguousPairs(routes).map(({ a, b, witness }) =>
    errorFinding({
      rule: 'routes/ambiguous',
      file: b.servlet.files.interface,
      path: `endpoints.${b.endpoint}.route`,
      message: `${witness} is matched by ${spell(b)} and by ${spell(a)} in ${a.servlet.files.interface}`,
      remedy: `change one of the two routes ${inContract}`,
      witness,
    }),
  )
}

function mountedTwice(mounts: readonly PlacedMount[]): Finding[] {
  return mounts.flatMap((mount, index) =>
    mounts.slice(0, index).flatMap((other) => {
      const longer = mount.segments.length < other.segments.length ? other : mount
      const shorter = longer === mount ? other : mount
      if (!under(longer.segments, shorter.segments)) return []
      return [
        collision(mount, longer.prefix, `the mount '${other.prefix}' in ${other.servlet.files.interface}`),
      ]
    }),
  )
}

function mountedOverRoutes(mounts: readonly PlacedMount[], routes: readonly PlacedRoute[]): Finding[] {
  return mounts.flatMap((mount) =>
    routes.flatMap((route) => {
      // A servlet may take single paths away from the app it mounts: that is how an app is moved out piece by piece.
      if (route.servlet === mount.servlet) return []
      const witness = contested(mount, route.pattern)
      if (witness === undefined) return []
      return [
        collision(
          mount,
          `${route.pattern.method} ${witness}`,
          `${spell(route)} in ${route.servlet.files.interface}`,
        ),
      ]
    }),
  )
}

/**
 * A path that both a mount and a route claim. A route with a field where the mount has a literal gives way, as it does
 * to a literal route; a route inside of the mounted prefix would take a path away from an application that knows nothing
 * of it.
 */
function contested({ segments }: PlacedMount, route: RoutePattern): string | undefined {
  if (under(route.segments, segments)) return pathOf(route.segments)
  const rest: Segment = { kind: 'rest', field: 'rest' }
  return ambiguity({ method: route.method, path: '', segments: [...segments, rest] }, route)
}

function under(segments: readonly Segment[], prefix: readonly Segment[]): boolean {
  return prefix.every((part, index) => {
    const own = segments[index]
    return part.kind === 'literal' && own?.kind === 'literal' && own.value === part.value
  })
}

function pathOf(segments: readonly Segment[]): string {
  return `/${segments.map((segment) => (segment.kind === 'literal' ? segment.value : segment.field)).join('/')}`
}

function collision({ prefix, servlet }: PlacedMount, witness: string, other: string): Finding {
  return errorFinding({
    rule: 'routes/mount',
    file: servlet.files.interface,
    path: `mounts.${prefix}`,
    message: `${witness} belongs to the mount '${prefix}' and to ${other}`,
    remedy: 'mount it under another prefix, or move the other one, and run npx atlas interface',
    witness,
  })
}

function spell({ endpoint, pattern }: PlacedRoute): string {
  return `'${pattern.method} ${pattern.path}' (${endpoint})`
}

function invalid(servlet: ServletDraft, path: string, message: string, remedy: string): Finding {
  return errorFinding({ rule: 'routes/invalid', file: servlet.files.interface, path, message, remedy })
}
