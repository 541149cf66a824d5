import { type Finding, inOrder } from '../finding.ts'
import { storeKind } from '../schema/store.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Catalog, CatalogServlet } from './catalog.ts'
import { checkCalls } from './check-calls.ts'
import { checkEnvironments } from './check-environments.ts'
import { checkLibraries } from './check-libraries.ts'
import { checkMigrations } from './check-migrations.ts'
import { checkTeams } from './check-owner.ts'
import { checkPackages } from './check-packages.ts'
import { checkProbes } from './check-probes.ts'
import { checkRoutes } from './check-routes.ts'
import { checkServlets } from './check-servlets.ts'
import { type Drafts, draftsOf, type ServletDraft } from './drafts.ts'

/** What {@link catalogOf} may be told besides the workspace. */
export interface CatalogOptions {
  /**
   * Interface documents by servlet (the name of its folder) that count in place of the committed ones, such as those
   * just made from live contracts.
   */
  readonly documents?: ReadonlyMap<string, unknown>
}

const checks: readonly ((drafts: Drafts) => Finding[])[] = [
  checkPackages,
  checkTeams,
  checkServlets,
  checkMigrations,
  checkLibraries,
  checkProbes,
  checkRoutes,
  checkCalls,
  checkEnvironments,
]

/**
 * The catalog of a workspace, and everything that is wrong in it. Pure: it reads no file and no clock, and the order of
 * packages does not matter. A servlet whose manifest cannot be read is not in the catalog, but still takes part in the
 * rules, so that all problems come at once.
 */
export function catalogOf(
  workspace: Workspace,
  { documents = new Map() }: CatalogOptions = {},
): { catalog: Catalog; findings: readonly Finding[] } {
  const [drafts, findings] = draftsOf(workspace, documents)
  for (const check of checks) findings.push(...check(drafts))
  return { catalog: assemble(drafts), findings: inOrder(findings) }
}

function assemble({ servlets, libraries, environments, teams = {} }: Drafts): Catalog {
  const packages = new Map(servlets.map(({ pkg, name }) => [pkg.name, name]))
  return {
    servlets: servlets
      .flatMap((draft) => servletOf(draft, packages))
      .sort((a, b) => compare(a.name, b.name) || compare(a.dir, b.dir)),
    teams: Object.fromEntries(Object.entries(teams).sort(([a], [b]) => compare(a, b))),
    environments: Object.fromEntries(environments.map(({ name, environment }) => [name, environment])),
    libraries: libraries
      .flatMap(({ pkg, manifest }) => (manifest ? [{ package: pkg.name, dir: pkg.dir, ...manifest }] : []))
      .sort((a, b) => compare(a.package, b.package)),
  }
}

/** @param packages servlets by the names of their packages */
function servletOf(
  { pkg, name, manifest, written, document }: ServletDraft,
  packages: ReadonlyMap<string, string>,
): CatalogServlet[] {
  if (!manifest || !written) return []
  return [
    {
      name,
      package: pkg.name,
      dir: pkg.dir,
      version: pkg.version,
      owner: manifest.owner,
      manifest,
      written,
      routes: Object.entries(document?.endpoints ?? {}).map(([endpoint, { route, access }]) => ({
        endpoint,
        route,
        access,
      })),
      mounts: Object.entries(document?.mounts ?? {}).map(([prefix, mount]) => ({ prefix, ...mount })),
      dependsOn: Object.keys(pkg.dependencies)
        .flatMap((dependency) => packages.get(dependency) ?? [])
        .filter((other) => other !== name)
        .sort(compare),
      calls: document?.calls ?? {},
      stores: Object.fromEntries(
        Object.entries(manifest.stores).map(([key, store]) => [key, storeKind(store)]),
      ),
    },
  ]
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
