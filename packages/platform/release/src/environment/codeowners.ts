import type { Catalog } from '@atlas/manifest'
import { approvalFile } from '../vet/approvals.ts'

/** Where code hosts read who reviews what, relative to the root. */
export const codeownersFile = '.github/CODEOWNERS'

const header =
  '# Generated from servlet.json, library.json and infra/teams.json by atlas owners; do not edit.'

/** Whether a CODEOWNERS is ours to write again, and no work of people. */
export function isGeneratedCodeowners(text: string): boolean {
  return text.startsWith(header)
}

/**
 * The text of CODEOWNERS, from the manifests: members of the owning team review their servlets and libraries. A team
 * without members is written as `@team`, which a code host knows if the team is there.
 */
export function codeownersText({ servlets, libraries, teams }: Catalog): string {
  const approved = servlets
    .filter(({ manifest }) => manifest.release !== undefined)
    .map(({ name, owner }) => ({ path: `/${approvalFile(name)}`, owner }))
  const folders = [...servlets, ...libraries].map(({ dir, owner }) => ({ path: `/${dir}/`, owner }))
  const owned = [...approved, ...folders].sort((a, b) => (a.path < b.path ? -1 : 1))
  const lines = owned.map(({ path, owner }) => {
    const members = teams[owner]?.members ?? []
    const names = members.length > 0 ? members : [owner]
    return `${path} ${names.map((name) => (name.includes('@') ? name : `@${name}`)).join(' ')}`
  })
  return `${header}\n${lines.join('\n')}\n`
}
