import { methods } from '@atlas/contract'
import type { Catalog } from '@atlas/manifest'
import { createRouter } from '@atlas/runtime/router'
import { CommandError, exitCode } from '../../exit-code.ts'
import { type ListedRoute, routesIn } from './route-list.ts'

/** Who answers one request. */
export interface Answerer {
  readonly method: string
  readonly path: string
  /** Undefined where nobody does. */
  readonly route?: ListedRoute
  /** The fields that the path gives. */
  readonly fields?: Readonly<Record<string, string>>
}

/**
 * Who answers a request, found as the platform finds it: by the same router, mounted apps after endpoints. Without a
 * method, one entry for each method that has a route.
 *
 * @param request `['GET', '/greet/ada']`, `['/greet/ada']`, or in one text
 * @throws CommandError when it is no request
 */
export function whoAnswers(catalog: Catalog, request: readonly string[]): Answerer[] {
  const { method, path } = parse(request)
  const { endpoints, mounts } = routesIn(catalog)
  const router = createRouter(
    endpoints.map(({ pattern, target }) => ({ pattern, target: { pattern, target } })),
  )
  const mount = mounts
    .filter(({ prefix }) => isUnder(path, prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
  const answerer = (asked: string): Answerer => {
    const match = router.find(asked, path)
    if (!match) return { method: asked, path, ...(mount && { route: mount.target }) }
    const names = match.target.pattern.segments.flatMap((segment) =>
      segment.kind === 'literal' ? [] : [segment.field],
    )
    return {
      method: asked,
      path,
      route: match.target.target,
      fields: Object.fromEntries(names.map((name, index) => [name, match.values[index] ?? ''])),
    }
  }
  try {
    if (method !== undefined) return [answerer(method)]
    const found = router.allowed(path).map(answerer)
    return mount ? [...found, { method: '*', path, route: mount.target }] : found
  } catch (error) {
    if (error instanceof URIError)
      throw new CommandError(`the path '${path}' is not percent-encoded as URLs are`, exitCode.usage)
    throw error
  }
}

function parse(request: readonly string[]): { method: string | undefined; path: string } {
  const words = request.flatMap((text) => text.trim().split(/\s+/))
  const [first = '', second] = words
  const [method, target] = second === undefined ? [undefined, first] : [first.toUpperCase(), second]
  if (words.length > 2 || (method !== undefined && !(methods as readonly string[]).includes(method)))
    throw new CommandError(
      `'${request.join(' ')}' is not a request; write it as in 'GET /greet/ada', with one of ${methods.join(', ')}`,
      exitCode.usage,
    )
  // A whole URL is taken too: it is what one has in the clipboard.
  const path = (URL.canParse(target) ? new URL(target).pathname : target).replace(/[?#].*$/s, '')
  if (!path.startsWith('/'))
    throw new CommandError(`'${path}' is not a path; write it as in /greet/ada`, exitCode.usage)
  return { method, path }
}

function isUnder(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
}
