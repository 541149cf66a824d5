/** What a package.json has to say after a release. */
export interface ManifestChange {
  readonly version?: string
  /** New ranges of packages of the workspace, by name. */
  readonly ranges: Readonly<Record<string, string>>
}

const sections = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const

/** Changes a package.json and leaves everything else of its text as it was written. */
export function changedManifest(text: string, change: ManifestChange): string {
  const wanted = JSON.parse(text) as Record<string, unknown>
  applyTo(wanted, change)
  let result = text
  if (change.version !== undefined)
    result = result.replace(
      /("version"\s*:\s*)"[^"]*"/,
      (_, key: string) => `${key}${JSON.stringify(change.version)}`,
    )
  for (const [name, range] of Object.entries(change.ranges)) {
    const at = new RegExp(`(${escaped(JSON.stringify(name))}\\s*:\\s*)"[^"]*"`, 'g')
    result = result.replace(at, (_, key: string) => `${key}${JSON.stringify(range)}`)
  }
  // A text of an unusual form: what it says matters more than how it looks.
  return same(result, wanted) ? result : `${JSON.stringify(wanted, undefined, 2)}\n`
}

/** Changes what a lockfile of npm says of packages of the workspace, by their folder. */
export function changedLockfile(text: string, changes: ReadonlyMap<string, ManifestChange>): string {
  const lock = JSON.parse(text) as { packages?: Record<string, Record<string, unknown>> }
  for (const [dir, change] of changes) {
    const entry = lock.packages?.[dir]
    if (entry) applyTo(entry, change)
  }
  return `${JSON.stringify(lock, undefined, 2)}\n`
}

function applyTo(manifest: Record<string, unknown>, { version, ranges }: ManifestChange): void {
  if (version !== undefined) manifest.version = version
  for (const section of sections) {
    const written = manifest[section] as Record<string, string> | undefined
    if (written === undefined) continue
    for (const [name, range] of Object.entries(ranges))
      if (Object.hasOwn(written, name)) written[name] = range
  }
}

function same(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value)
  } catch {
    return false
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
