import { errorFinding, type Finding } from '../finding.ts'
import { nearest } from '../nearest.ts'
import type { Drafts } from './drafts.ts'

/** Whether an owner is a team. Says nothing while the teams themselves are missing or broken: that is one finding of its own. */
export function checkOwner(owner: string | undefined, file: string, { teams }: Drafts): Finding[] {
  if (owner === undefined || !teams || Object.hasOwn(teams, owner)) return []
  const near = nearest(owner, Object.keys(teams))
  return [
    errorFinding({
      rule: 'owner/unknown',
      file,
      path: 'owner',
      message: `'${owner}' is not a team in infra/teams.json`,
      remedy:
        near === undefined
          ? `add the team there, or name one of ${Object.keys(teams).sort().join(', ')}`
          : `write '${near}', or add the team there`,
    }),
  ]
}

/** Owners need teams. */
export function checkTeams({ hasTeams, servlets, libraries }: Drafts): Finding[] {
  if (hasTeams || servlets.length + libraries.length === 0) return []
  return [
    errorFinding({
      rule: 'owner/no-teams',
      file: 'infra/teams.json',
      path: '',
      message: 'is missing, so no owner can be looked up',
      remedy: 'add it, as in { "web": { "name": "Web", "contact": "web@acme.example" } }',
    }),
  ]
}
