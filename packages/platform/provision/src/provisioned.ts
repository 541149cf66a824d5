import type { CatalogServlet, Environment, Team } from '@atlas/manifest'

/** A release that runs: what the lock file of an environment has of a servlet. */
export interface PlacedRelease {
  readonly version: string
  /** `registry.acme.example/servlets/greeter@sha256:...`: always by digest. */
  readonly image: string
}

/** What objects need to know of where they are. */
export interface PlacedEnvironment {
  readonly name: string
  readonly domain: string
  /** Where the scaler asks, and the namespace from which metrics are scraped. */
  readonly prometheus: { readonly address: string; readonly namespace: string }
  /** The gateway that the public reaches. */
  readonly gateway: Environment['gateway']
}

/** All that the objects of a servlet are made of. The manifest has the defaults of its environment (`manifestIn`). */
export interface Provisioned {
  readonly servlet: Pick<CatalogServlet, 'name' | 'owner' | 'manifest' | 'routes' | 'mounts'>
  readonly team: Team
  readonly release: PlacedRelease
  readonly environment: PlacedEnvironment
  /** Config values here: the manifest's with the environment's before them. */
  readonly config: Readonly<Record<string, unknown>>
}

const byDigest = /^[a-z0-9][a-z0-9.:/_-]*@sha256:[0-9a-f]{64}$/

/** @throws RangeError when the image is not named by its digest: what runs would then be whatever a tag means that day */
export function checkRelease({ servlet, release }: Provisioned): void {
  if (byDigest.test(release.image)) return
  throw new RangeError(
    `the image of ${servlet.name} is '${release.image}'; name it by its digest, as in registry.example/servlets/${servlet.name}@sha256:<64 digits>`,
  )
}
