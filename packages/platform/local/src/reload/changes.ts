/** Files that changed, as far as it matters to what runs. */
export interface Changes {
  /** All of them, relative to the root of the workspace. */
  readonly files: readonly string[]
  /** Whether one of them says which servlets there are, or how they are set up. */
  readonly workspace: boolean
}

const manifests =
  /(^|\/)(package|servlet|library|interface)\.json$|^infra\/(teams|environments\/[^/]+)\.json$/
/** Of a package, what only people and tests read. */
const idle = /\.(md|snap)$|\.(test|test-d|e2e)\.[cm]?[jt]sx?$|(^|\/)(test|tests|__snapshots__)\//

/** Sorts out what changed. `gone` are folders or files that are no more. */
export function changesOf(files: readonly string[]): Changes | undefined {
  const relevant = files.filter((file) => !idle.test(file))
  if (relevant.length === 0) return undefined
  return {
    files: relevant,
    workspace: relevant.some((file) => manifests.test(file) || isPackageFolder(file)),
  }
}

/** `packages/servlets/greeter`: a whole package came or went. */
function isPackageFolder(file: string): boolean {
  return file.split('/').length === 3 && !/\.[a-z]+$/.test(file)
}
