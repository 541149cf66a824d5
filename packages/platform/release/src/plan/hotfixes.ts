import type { PackageFacts, ReleaseFacts } from './facts.ts'
import type { HeldRelease } from './plan.ts'

/** Servlets of which a hotfix is out that the branch does not contain: any release of them would take it back. */
export function withoutHotfix({ packages, changesets, hotfixes = {}, heldBy }: ReleaseFacts): HeldRelease[] {
  return packages.flatMap(({ name, servlet }): HeldRelease[] => {
    const missing = (servlet ? (hotfixes[servlet.name] ?? []) : []).filter(({ contained }) => !contained)
    // One that is held for its callers is held.
    if (!servlet || missing.length === 0 || (heldBy[servlet.name] ?? []).length > 0) return []
    return [
      {
        servlet: servlet.name,
        package: name,
        changesets: changesets.filter(({ releases }) => releases.has(name)).map(({ file }) => file),
        by: [],
        steps: missing.map(
          ({ version }) =>
            `the hotfix ${version} is not in it: git merge ${name}@${version}, or pick its commits; if it is there in another form, git merge --strategy ours ${name}@${version}`,
        ),
      },
    ]
  })
}

/** A version, or the next one after it that no hotfix has. */
export function beyondHotfixes(
  version: string,
  { servlet }: PackageFacts,
  { hotfixes = {} }: ReleaseFacts,
): string {
  const taken = new Set((servlet ? (hotfixes[servlet.name] ?? []) : []).map((each) => each.version))
  let free = version
  while (taken.has(free)) free = free.replace(/\d+$/, (patch) => String(Number(patch) + 1))
  return free
}
