import { AtlasError, parseRoute, type Segment } from '@atlas/contract'
import type { CatalogServlet } from '@atlas/manifest'

/**
 * Says of a path that no running servlet answers whether it belongs to one that is not running, and why it is not: "not
 * found" would send its author looking in the wrong place.
 */
export function missingRoutes(
  known: readonly CatalogServlet[],
  broken: ReadonlyMap<string, string>,
): (path: string) => AtlasError | undefined {
  return (path) => {
    const servlet = known.find((entry) => broken.has(entry.name) && owns(entry, path))
    return servlet && notRunning(servlet.name, broken)
  }
}

/** The error of a call to a servlet that does not run. */
export function notRunning(servlet: string, broken: ReadonlyMap<string, string>): AtlasError {
  const reason = broken.get(servlet) ?? 'it is not a servlet of this workspace'
  return new AtlasError('unavailable', `${servlet} is not running: ${reason}`)
}

function owns({ routes, mounts }: CatalogServlet, path: string): boolean {
  const parts = path.slice(1).split('/')
  return (
    mounts.some(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ||
    routes.some(({ route }) => {
      const parsed = parseRoute(route)
      return parsed.ok && matches(parsed.value.segments, parts)
    })
  )
}

function matches(segments: readonly Segment[], parts: readonly string[]): boolean {
  const takesRest = segments.at(-1)?.kind === 'rest'
  if (takesRest ? parts.length < segments.length : parts.length !== segments.length) return false
  return segments.every((segment, index) => segment.kind !== 'literal' || segment.value === parts[index])
}
