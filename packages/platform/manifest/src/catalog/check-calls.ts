import { cyclesOf } from '../cycles.ts'
import { errorFinding, type Finding } from '../finding.ts'
import { nearest } from '../nearest.ts'
import { admits } from '../schema/servlet.ts'
import type { Drafts, ServletDraft } from './drafts.ts'

/** Calls between servlets: of endpoints that exist, declared by the caller, admitted by the callee, without a cycle. */
export function checkCalls({ servlets }: Drafts): Finding[] {
  const byName = new Map(servlets.map((servlet) => [servlet.name, servlet]))
  return [
    ...servlets.flatMap((caller) =>
      Object.entries(caller.document?.calls ?? {}).flatMap(([name, endpoints]) =>
        checkCall(caller, name, endpoints, byName),
      ),
    ),
    ...servlets.flatMap((callee) => checkCallers(callee, byName)),
    ...checkCycles(servlets, byName),
  ]
}

function checkCall(
  caller: ServletDraft,
  name: string,
  endpoints: readonly string[],
  byName: ReadonlyMap<string, ServletDraft>,
): Finding[] {
  const path = `calls.${name}`
  const file = caller.files.interface
  const callee = byName.get(name)
  if (!callee) {
    const near = nearest(name, byName.keys())
    const remedy =
      near === undefined ? 'remove the call, or add the servlet' : `call '${near}', or add the servlet`
    return [
      errorFinding({ rule: 'calls/unknown', file, path, message: `there is no servlet '${name}'`, remedy }),
    ]
  }
  const findings: Finding[] = []
  const known = Object.keys(callee.document?.endpoints ?? {})
  for (const endpoint of callee.document ? endpoints : [])
    if (!known.includes(endpoint)) {
      const near = nearest(endpoint, known)
      findings.push(
        errorFinding({
          rule: 'calls/unknown',
          file,
          path,
          message: `${name} has no endpoint '${endpoint}'`,
          remedy: `${near === undefined ? 'remove the call' : `call '${near}'`}, and run npx atlas interface`,
        }),
      )
    }
  if (!Object.hasOwn(caller.pkg.dependencies, callee.pkg.name))
    findings.push(
      errorFinding({
        rule: 'calls/undeclared',
        file: caller.files.package,
        path: 'dependencies',
        message: `${caller.name} calls ${name} without a dependency on ${callee.pkg.name}`,
        remedy: `add "${callee.pkg.name}": "*" to dependencies`,
      }),
    )
  if (callee.manifest && !admits(callee.manifest, caller.name))
    findings.push(
      errorFinding({
        rule: 'calls/refused',
        file,
        path,
        message: `${name} does not list ${caller.name} among its callers`,
        remedy: `ask its owner (${callee.manifest.owner}) to add '${caller.name}' to callers in ${callee.files.manifest}`,
      }),
    )
  return findings
}

function checkCallers(callee: ServletDraft, byName: ReadonlyMap<string, ServletDraft>): Finding[] {
  return (callee.manifest?.callers ?? []).flatMap((name, index) => {
    if (name === '*' || byName.has(name)) return []
    const near = nearest(name, byName.keys())
    return [
      errorFinding({
        rule: 'calls/unknown-caller',
        file: callee.files.manifest,
        path: `callers.${index}`,
        message: `there is no servlet '${name}'`,
        remedy: near === undefined ? 'remove it' : `write '${near}', or remove it`,
      }),
    ]
  })
}

function checkCycles(
  servlets: readonly ServletDraft[],
  byName: ReadonlyMap<string, ServletDraft>,
): Finding[] {
  const edges = new Map(servlets.map(({ name, document }) => [name, Object.keys(document?.calls ?? {})]))
  return cyclesOf(edges).map((cycle) => {
    const [first = '', second = ''] = cycle
    const shown = cycle.join(' -> ')
    return errorFinding({
      rule: 'calls/cycle',
      file: byName.get(first)!.files.interface,
      path: `calls.${second}`,
      message: `servlets call each other in a cycle: ${shown}; when one is slow, all of them wait for each other`,
      remedy:
        'move what two of them need into a third, or turn one call round by passing the value in its input',
      witness: shown,
    })
  })
}
