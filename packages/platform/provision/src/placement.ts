import {
  type Catalog,
  type CatalogServlet,
  catalogOf,
  type Environment,
  type Finding,
  LockError,
  type LockedRelease,
  lockFile,
  manifestIn,
  nearest,
  readLock,
  readWorkspace,
} from '@atlas/manifest'
import { PlacementError } from './placement-error.ts'
import type { PlacedEnvironment, Provisioned } from './provisioned.ts'
import { asReleased } from './released.ts'

/** An environment, and which releases should run in it. */
export interface Placement {
  readonly name: string
  readonly environment: Environment
  /** Servlets that the lock names, in the order of their names. */
  readonly servlets: readonly string[]
  /**
   * What the objects of one are made of. What is wrong with other servlets does not matter.
   *
   * @throws PlacementError with file, field and remedy, when its manifest or the environment is wrong, or the lock does not name it
   */
  provisioned(servlet: string): Provisioned
}

/**
 * Reads what should run in an environment from the files of a workspace, and from nothing else.
 *
 * @throws PlacementError when there is no such environment, or it runs on no cluster, or its lock is damaged
 */
export async function readPlacement(root: string, name: string): Promise<Placement> {
  const workspace = await readWorkspace(root)
  const here = catalogOf(workspace)
  const { catalog } = here
  const file = `infra/environments/${name}.json`
  const environment = Object.hasOwn(catalog.environments, name) ? catalog.environments[name] : undefined
  if (!environment) {
    refuse(here.findings, (finding) => finding.file === file)
    const near = nearest(name, Object.keys(catalog.environments))
    throw new PlacementError(
      `there is no environment '${name}'${near === undefined ? '.' : `; did you mean '${near}'?`} ${environmentsIn(catalog)}`,
    )
  }
  for (const field of ['cluster', 'registry'] as const)
    if (environment[field] === undefined)
      throw new PlacementError(
        `${file} (${field}): is missing, and nothing can be deployed without it; ${remedies[field]}`,
      )
  const read = await readLock(root, name).catch((error: unknown) => {
    throw error instanceof LockError ? new PlacementError(error.message) : error
  })
  const lock = new Map(Object.entries(read))
  const released = await asReleased(workspace, lock)
  const { catalog: placed, findings } =
    released.workspace === workspace ? here : catalogOf(released.workspace)
  const owners = new Map(catalog.servlets.map(({ name, owner }) => [name, owner]))
  return {
    name,
    environment,
    // One whose manifest is broken is still there, and must not pass for one that is gone.
    servlets: [...lock.keys()].filter((servlet) => released.has(servlet)),
    provisioned(servlet) {
      const release = lock.get(servlet)
      if (!release)
        throw new PlacementError(
          `${lockFile(name)} names no release of '${servlet}', so there is nothing to deploy`,
        )
      const pin = environment.pins[servlet]
      if (pin !== undefined && pin !== release.version)
        throw new PlacementError(
          `${file} (pins.${servlet}): is ${pin}, and ${lockFile(name)} names ${release.version}; npx atlas rollback ${servlet} --env ${name} --to ${pin} writes both, or remove the pin`,
        )
      released.mustHave(servlet, lockFile(name))
      refuse(
        findings,
        (finding) =>
          finding.file.startsWith('infra/') || finding.file.startsWith(`packages/servlets/${servlet}/`),
      )
      const found = placed.servlets.find((each) => each.name === servlet)
      if (!found)
        throw new PlacementError(
          `${lockFile(name)} (${servlet}): there is no such servlet in this workspace; remove it`,
        )
      // Who owns it is a fact of today, and no release's.
      const owner = owners.get(servlet) ?? found.owner
      return provisionedOf(catalog, { ...found, owner }, { name, environment, release })
    },
  }
}

const remedies = {
  cluster: 'name the context of its cluster in your kubeconfig, as in "production-eu"',
  registry: 'name where its images are, as in "registry.acme.example/servlets"',
} as const

function provisionedOf(
  catalog: Catalog,
  servlet: CatalogServlet,
  { name, environment, release }: { name: string; environment: Environment; release: LockedRelease },
): Provisioned {
  const manifest = manifestIn(environment, servlet)
  if (!manifest.ok) {
    refuse(manifest.findings, () => true)
    throw new PlacementError(`${servlet.dir}/servlet.json does not fit infra/environments/${name}.json`)
  }
  return {
    servlet: { ...servlet, manifest: manifest.value },
    team: catalog.teams[servlet.owner]!,
    release: {
      version: release.version,
      image: `${environment.registry}/${servlet.name}@${release.digest}`,
    },
    environment: placedEnvironment(name, environment),
    config: manifest.value.config,
  }
}

function environmentsIn({ environments }: Catalog): string {
  const names = Object.keys(environments).sort()
  return `Environments are files of infra/environments: ${names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`}`
}

/** What objects need to know of an environment. */
export function placedEnvironment(name: string, environment: Environment): PlacedEnvironment {
  const { domain, prometheus, gateway } = environment
  return { name, domain, gateway, prometheus: { address: prometheus, namespace: namespaceIn(prometheus) } }
}

/** `http://prometheus.monitoring:9090` -> `monitoring`. */
function namespaceIn(address: string): string {
  return new URL(address).hostname.split('.')[1]!
}

/** @throws PlacementError that says all that is wrong of what is concerned */
function refuse(findings: readonly Finding[], concerned: (finding: Finding) => boolean): void {
  const wrong = findings.filter((finding) => finding.severity === 'error' && concerned(finding))
  if (wrong.length === 0) return
  throw new PlacementError(
    wrong
      .map(({ file, path, message, remedy }) => `${file}${path ? ` (${path})` : ''}: ${message}; ${remedy}`)
      .join('\n'),
  )
}
