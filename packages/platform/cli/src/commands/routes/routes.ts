import type { Catalog } from '@atlas/manifest'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { textTable } from '../../text-table.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'
import { type ListedRoute, routesIn } from './route-list.ts'
import { type Answerer, whoAnswers } from './who-answers.ts'

/** Options of `atlas routes`. */
export interface RoutesOptions {
  readonly cwd: string
  readonly request: readonly string[]
  readonly servlet?: string
  readonly json: boolean
}

/** `atlas routes [METHOD /path]`: all routes, or who answers a request; from committed interface documents only. */
export async function routes(options: RoutesOptions, output: Output): Promise<number> {
  const { request, servlet, json } = options
  const catalog = await readCatalog(options.cwd)
  if (servlet !== undefined)
    mustBeOneOf(
      'servlet',
      servlet,
      catalog.servlets.map(({ name }) => name),
    )
  if (request.length > 0) return answer(whoAnswers(catalog, request), catalog, json, output)
  const { endpoints, mounts } = routesIn(catalog)
  const listed = [...endpoints, ...mounts]
    .map(({ target }) => target)
    .filter((route) => servlet === undefined || route.servlet === servlet)
  if (json) output.json({ routes: listed })
  else if (listed.length === 0)
    output.note('no routes; npx atlas interface writes those of each servlet down')
  else for (const line of tableOf(listed)) output.print(line)
  return exitCode.done
}

function answer(answerers: readonly Answerer[], catalog: Catalog, json: boolean, output: Output): number {
  const found = answerers.filter(({ route }) => route !== undefined)
  if (json) output.json({ answers: found })
  else if (found.length === 0) output.note(nobodyAnswers(answerers, catalog))
  else {
    for (const line of tableOf(found.map(({ route }) => route!))) output.print(line)
    for (const { fields = {} } of found.slice(0, 1))
      for (const [name, value] of Object.entries(fields))
        output.print(`    ${name} = ${JSON.stringify(value)}`)
  }
  return found.length > 0 ? exitCode.done : exitCode.refused
}

function nobodyAnswers([asked]: readonly Answerer[], catalog: Catalog): string {
  const others = asked ? whoAnswers(catalog, [asked.path]).map(({ method }) => method) : []
  return others.length > 0
    ? `nobody answers ${asked?.method} there; the path answers ${others.join(', ')}`
    : 'nobody answers that: no route matches, and no app is mounted there (npx atlas routes lists all)'
}

function tableOf(listed: readonly ListedRoute[]): string[] {
  return textTable(
    ['METHOD', 'PATH', 'SERVLET', 'ENDPOINT', 'ACCESS'].map((heading) => ({ heading })),
    listed.map(({ method, path, servlet, endpoint, access }) => [
      method,
      path,
      servlet,
      endpoint ?? '(mounted app)',
      access,
    ]),
  )
}
