import type { RolloutOrder } from '@atlas/interface'
import type { PackageKind } from '@atlas/manifest'
import type { Changeset } from '../changesets/changeset.ts'
import type { Platform, Vetting } from '../seam.ts'

/** A package of the workspace, as far as releases are concerned. */
export interface PackageFacts {
  /** `@acme/files`. */
  readonly name: string
  readonly dir: string
  readonly kind: PackageKind
  readonly version: string
  /** What it needs to run, name to range; packages of the workspace and others. */
  readonly dependencies: Readonly<Record<string, string>>
  /** A bundle may contain these too: what is in it is what its imports reach, whatever the section is called. */
  readonly devDependencies: Readonly<Record<string, string>>
  /** A digest of the files that are its own, without tests, texts for people and its version. */
  readonly sources: string
  /** A digest of every installed package that its dependencies reach, with versions. */
  readonly externals: string
  /** Present on servlets. */
  readonly servlet?: ServletFacts
}

/** What is particular to a servlet. */
export interface ServletFacts {
  /** `files`. */
  readonly name: string
  readonly owner: string
  /** Servlets that it calls. */
  readonly calls: readonly string[]
  /** In which order it and its callers go out, as the comparison with its last release says. @default 'any' */
  readonly order?: RolloutOrder
}

/** What the last release of a servlet was; `infra/releases.json` has one of each. */
export interface Released {
  readonly version: string
  /** The digest of what was deployed, without its version. */
  readonly content: string
  /** The digest of everything that the content could depend on. */
  readonly sources: string
  readonly platform: Platform
  /** What was done before it was cut. */
  readonly vetting?: Vetting
}

/** A caller, deployed somewhere, that a major would break. */
export interface HeldBy {
  readonly caller: string
  readonly owner: string
  readonly environment: string
  /** The version of the caller that runs there. */
  readonly version: string
  /** What breaks it, each with the path in the interface. */
  readonly breaks: readonly { readonly rule: string; readonly path: string; readonly message: string }[]
}

/** Everything that a plan follows from. */
export interface ReleaseFacts {
  /** The commit that the facts were read from; changes that are not committed count too. */
  readonly commit: string
  readonly packages: readonly PackageFacts[]
  readonly changesets: readonly Changeset[]
  /** By servlet. */
  readonly released: Readonly<Record<string, Released>>
  readonly platform: Platform
  /** Majors that would break a deployed caller, by servlet. */
  readonly heldBy: Readonly<Record<string, readonly HeldBy[]>>
  /** Hotfixes that no ordinary release contains yet, by servlet. @default none */
  readonly hotfixes?: Readonly<Record<string, readonly HotfixFacts[]>>
}

/** A release that was made from an earlier one, beside the branch. */
export interface HotfixFacts {
  readonly version: string
  /** Whether the branch contains it. A release that does not would take it back. */
  readonly contained: boolean
}
