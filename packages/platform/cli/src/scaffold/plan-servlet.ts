import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRoute } from '@atlas/contract'
import {
  type CatalogAccess,
  catalogOf,
  isServletName,
  readWorkspace,
  type Workspace,
  type WorkspacePackage,
} from '@atlas/manifest'
import { CommandError, exitCode } from '../exit-code.ts'
import { folderOf, servletsOf } from '../interface/servlets-of.ts'
import { mustBeOneOf, suggestion } from '../suggest.ts'
import { ownerOf, refuseFindings, scopeOf } from './fitting.ts'
import { configOf, secretsOf, storesOf } from './pairs.ts'
import { servletFiles } from './servlet-files.ts'
import type { CalledServlet, NewServlet } from './servlet-spec.ts'
import { platformVersion, zodRange } from './versions.ts'
import { type NewPackage, refuseExisting } from './write-package.ts'

/** What somebody said of the servlet that they want; what they left out has a default. */
export interface ServletRequest {
  readonly name: string
  /** @default the only team there is */
  readonly owner?: string | undefined
  /** `@acme`. @default that of the other servlets */
  readonly scope?: string | undefined
  readonly description?: string | undefined
  /** @default `greet` */
  readonly endpoint?: string | undefined
  /** @default `GET /<name>/{name}` */
  readonly route?: string | undefined
  /** @default `public` */
  readonly access?: string | undefined
  /** `links=postgres` */
  readonly store?: readonly string[] | undefined
  /** `maxUploadMiB=500` */
  readonly config?: readonly string[] | undefined
  /** `scanKey=API key of the virus scanner` */
  readonly secret?: readonly string[] | undefined
  /** Servlets that it calls. */
  readonly calls?: readonly string[] | undefined
  /** Servlets that may call it. @default everybody */
  readonly callers?: readonly string[] | undefined
}

/** Who may call an endpoint, widest first. */
export const accesses: readonly CatalogAccess[] = ['public', 'user', 'internal']

/**
 * The package of a servlet as somebody asked for it. Writes nothing.
 *
 * @throws CommandError for a request that cannot be met, or that `atlas check` would find something wrong with
 */
export async function planServlet(
  root: string,
  request: ServletRequest,
): Promise<NewPackage & { readonly servlet: NewServlet; readonly pkg: WorkspacePackage }> {
  const { name, description } = request
  if (!isServletName(name))
    throw new CommandError(
      `'${name}' is not a servlet name; use lower-case words joined by hyphens, up to 40 characters`,
      exitCode.usage,
    )
  const workspace = await readWorkspace(root)
  const { catalog } = catalogOf(workspace)
  const dir = `packages/servlets/${name}`
  await refuseExisting(root, dir)
  const servlet: NewServlet = {
    name,
    scope: scopeOf(request.scope, workspace),
    owner: ownerOf(request.owner, catalog),
    description,
    endpoint: endpointOf(request.endpoint ?? 'greet'),
    route: routeOf(request.route ?? `GET /${name}/{name}`),
    access: accessOf(request.access ?? 'public'),
    stores: storesOf(request.store ?? []),
    config: configOf(request.config ?? []),
    secrets: secretsOf(request.secret ?? []),
    calls: await calledOf(workspace, request.calls ?? []),
    callers: request.callers,
    platform: workspace.packages.some((pkg) => pkg.name === '@atlas/sdk') ? '*' : `^${platformVersion}`,
    zod: zodRange,
  }
  const files = servletFiles(servlet)
  const pkg = packageOf(dir, servlet, files)
  refuseFindings(workspace, pkg, {
    name,
    endpoints: { [servlet.endpoint]: { route: servlet.route, access: servlet.access } },
  })
  return { dir, files, servlet, pkg }
}

function endpointOf(endpoint: string): string {
  if (/^[a-z][A-Za-z0-9]*$/.test(endpoint)) return endpoint
  throw new CommandError(
    `'${endpoint}' is not the name of an endpoint; write it in camelCase, as in createLink`,
    exitCode.usage,
  )
}

function routeOf(route: string): string {
  const parsed = parseRoute(route)
  if (!parsed.ok) throw new CommandError(parsed.message, exitCode.usage)
  return route
}

function accessOf(access: string): CatalogAccess {
  const known = accesses.find((one) => one === access)
  if (known) return known
  throw new CommandError(`there is no access '${access}'${suggestion(access, accesses)}`, exitCode.usage)
}

async function calledOf(workspace: Workspace, names: readonly string[]): Promise<CalledServlet[]> {
  const servlets = servletsOf(workspace)
  return Promise.all(
    [...new Set(names)].map(async (name) => {
      mustBeOneOf('servlet', name, servlets.map(folderOf))
      const pkg = servlets.find((one) => folderOf(one) === name)!
      return { name, package: pkg.name, exported: await exportedBy(workspace.root, pkg) }
    }),
  )
}

/** The name under which a servlet's contract.ts exports its contract. */
async function exportedBy(root: string, { dir }: WorkspacePackage): Promise<string> {
  const file = `${dir}/src/contract.ts`
  const text = await readFile(join(root, file), 'utf8').catch(() => '')
  const exported = /export const (\w+)(?:\s*:[^=]+)? = contract\(/.exec(text)?.[1]
  if (exported !== undefined) return exported
  throw new CommandError(
    `${file} exports no contract that could be called; write: export const x = contract(...)`,
  )
}

/** The package as the catalog will read it. */
function packageOf(dir: string, { scope, name }: NewServlet, files: NewPackage['files']): WorkspacePackage {
  const { dependencies, exports } = JSON.parse(files['package.json']!) as Pick<
    WorkspacePackage,
    'dependencies' | 'exports'
  >
  return {
    name: `${scope}/${name}`,
    dir,
    kind: 'servlet',
    version: '0.1.0',
    tags: [],
    dependencies,
    devDependencies: {},
    exports,
    texts: { 'servlet.json': files['servlet.json']! },
  }
}
