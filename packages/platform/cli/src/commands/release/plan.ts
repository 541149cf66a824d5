import { resolve } from 'node:path'
import {
  type Cause,
  gather,
  planRelease,
  platformOf,
  type ReleasePlan,
  UnplannableWorkspace,
} from '@atlas/release/planning'
import { writeAtomically } from '@atlas/release/workspace'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'

/** `atlas release plan`. */
export function plan(
  { cwd, out, json }: { cwd: string; out?: string; json: boolean },
  output: Output,
): Promise<number> {
  return explained(async () => {
    const root = await findRoot(cwd)
    const { facts, findings } = await gather(root, platformOf)
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw new UnplannableWorkspace(errors)
    const made = planRelease(facts)
    if (out !== undefined) await writeAtomically(resolve(cwd, out), `${JSON.stringify(made, undefined, 2)}\n`)
    if (json) output.json(made)
    else for (const line of planLines(made)) output.print(line)
    return exitCode.done
  })
}

/** A plan for people. */
export function planLines({ releases, held, waves, platform }: ReleasePlan): string[] {
  const lines = releases.map(
    ({ package: name, from, to, certain, causes }) =>
      `${name} ${from === to ? to : `${from} -> ${to}`}${certain ? '' : ', if its bundle differs'}: ${causes.map(causeText).join('; ')}`,
  )
  if (releases.length === 0) lines.push('nothing to release')
  for (const { servlet, by, steps } of held) {
    lines.push(`${servlet} is held`)
    for (const { caller, version, environment, breaks } of by)
      lines.push(
        `    ${caller} ${version} in ${environment} uses it: ${breaks.map(({ message }) => message).join('; ')}`,
      )
    for (const step of steps) lines.push(`    ${step}`)
  }
  if (platform.changes.length > 0) lines.push(`everybody is released: ${platform.changes.join(', ')}`)
  for (const [index, wave] of waves.entries()) lines.push(`wave ${index + 1}: ${wave.join(', ')}`)
  return lines
}

function causeText(cause: Cause): string {
  switch (cause.kind) {
    case 'changeset':
      return cause.id
    case 'first':
      return 'its first release'
    case 'sources':
      return cause.packages.length > 0
        ? `built from ${cause.packages.join(', ')}`
        : 'what it is built from has changed'
    case 'range':
      return `its range of ${cause.packages.join(', ')} ends`
    case 'platform':
      return cause.changes.join(', ')
  }
}
