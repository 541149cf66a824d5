import { errorFinding, type Finding } from '../finding.ts'
import { nearest } from '../nearest.ts'
import { checkOwner } from './check-owner.ts'
import type { Drafts, LibraryDraft } from './drafts.ts'

/** Libraries have an owner, and are visible to somebody who exists. */
export function checkLibraries(drafts: Drafts): Finding[] {
  return drafts.libraries.flatMap((library) => [
    ...checkFile(library),
    ...checkOwner(library.manifest?.owner, library.file, drafts),
    ...checkVisibility(library, drafts),
  ])
}

function checkFile({ pkg, file }: LibraryDraft): Finding[] {
  if (pkg.texts['library.json'] !== undefined) return []
  return [
    errorFinding({
      rule: 'library/manifest-missing',
      file,
      path: '',
      message: `is missing, so nobody owns ${pkg.name}, and nobody may import it`,
      remedy: 'add it with at least { "owner": "TEAM" }',
    }),
  ]
}

function checkVisibility({ manifest, file }: LibraryDraft, { teams, packages }: Drafts): Finding[] {
  const teamNames = teams ? Object.keys(teams) : undefined
  const packageNames = packages.map(({ name }) => name)
  return (manifest?.visibility ?? []).flatMap((entry, index) => {
    if (entry === 'public') return []
    const team = entry.startsWith('team:') ? entry.slice('team:'.length) : undefined
    const known = team === undefined ? packageNames : teamNames
    const name = team ?? entry
    if (!known || known.includes(name)) return []
    const near = nearest(name, known)
    return [
      errorFinding({
        rule: 'library/visibility',
        file,
        path: `visibility.${index}`,
        message: team === undefined ? `there is no package '${entry}'` : `there is no team '${team}'`,
        remedy:
          near === undefined
            ? 'remove it'
            : `write '${team === undefined ? '' : 'team:'}${near}', or remove it`,
      }),
    ]
  })
}
