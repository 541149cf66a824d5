/** What every image has under its servlet. A change of it is a release of everybody. */
export interface Platform {
  /** The version of Node in the base image. */
  readonly node: string
  /** The base image: a digest where it is known. */
  readonly base: string
  /** The version of `@atlas/runtime`. */
  readonly runtime: string
}

/** A servlet as it is deployed, without its version. */
export interface ServletBundle {
  /** `sha256:...` of all that is deployed but the servlet's version, the platform, paths of this machine and times. */
  readonly digest: string
  /** The files that were read, relative to the root of the workspace, in order. */
  readonly inputs: readonly string[]
  /** Packages that are installed beside the bundle instead of being in it: name to version. */
  readonly externals: Readonly<Record<string, string>>
  /** What the image gets, by path in it. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** What was done before a version was cut. */
export interface Vetting {
  /** Packages whose tests passed: the servlet's own and those of its callers. */
  readonly tests: readonly string[]
  /** What the interface comparison proved since the last release. */
  readonly interface: { readonly proven: Bump; readonly released: Bump }
  /** Who approved, where the policy asks for it. */
  readonly approvedBy?: readonly string[]
}

/** A step of a version. */
export type Bump = 'none' | 'patch' | 'minor' | 'major'

/** A version of a servlet that is to be published. */
export interface ReleaseCandidate {
  /** `greeter`. */
  readonly servlet: string
  /** `@acme/greeter`. */
  readonly package: string
  /** Relative to the root of the workspace. */
  readonly dir: string
  readonly version: string
  /** The commit that it is built from. */
  readonly commit: string
  /** The digest of {@link ServletBundle} that was decided on; what is built must have it. */
  readonly content: string
  readonly platform: Platform
  /** Packages of the workspace that are in it or that it calls: name to version. */
  readonly builtAgainst: Readonly<Record<string, string>>
  readonly vetting: Vetting
}

/** Where releases go. Credentials are what npm and container tools have on this machine. */
export interface Registries {
  /** The URL of the npm registry. */
  readonly npm: string
  /** The OCI registry with a path, `registry.acme.example/servlets`; `http://` in front of it for one without TLS. */
  readonly oci: string
}

/** What is in the registries now. */
export interface Published {
  readonly image: { readonly reference: string; readonly digest: string }
  readonly package: { readonly name: string; readonly version: string; readonly integrity: string }
  /** The digest of the release record. */
  readonly record: string
  /** Whether anything had to be made. */
  readonly made: boolean
}

/** What a release needs of those who publish. */
export interface Publishing {
  platformOf(root: string): Promise<Platform>
  bundleServlet(servlet: { readonly root: string; readonly dir: string }): Promise<ServletBundle>
  publishRelease(root: string, candidate: ReleaseCandidate, registries: Registries): Promise<Published>
}

/** A version is there already, with other content. */
export class ReleaseConflict extends Error {}

/** A registry did not answer, or not in a way that could be understood. To be tried again later. */
export class RegistryUnavailable extends Error {}
