import { errorFinding, type Finding } from '../finding.ts'
import { nearest } from '../nearest.ts'
import type { Drafts, ServletDraft } from './drafts.ts'

/** The calls that a canary without traffic makes of itself: to endpoints that are there. */
export function checkProbes({ servlets }: Drafts): Finding[] {
  return servlets.flatMap(unknownEndpoints)
}

function unknownEndpoints({ manifest, document, files }: ServletDraft): Finding[] {
  const choice = manifest?.rollout.whenUndecided
  if (!document || !choice || !('probe' in choice)) return []
  const known = Object.keys(document.endpoints)
  return choice.probe.calls.flatMap(({ endpoint }, index) => {
    if (known.includes(endpoint)) return []
    const meant = nearest(endpoint, known)
    return errorFinding({
      rule: 'servlet/probe',
      file: files.manifest,
      path: `rollout.whenUndecided.probe.calls[${index}].endpoint`,
      message: `'${endpoint}' is no endpoint of the contract`,
      remedy: meant
        ? `write '${meant}'`
        : `name one of ${known.join(', ') || 'its endpoints, of which there are none yet'}`,
    })
  })
}
