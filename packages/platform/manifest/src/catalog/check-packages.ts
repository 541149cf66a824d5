import { cyclesOf } from '../cycles.ts'
import { errorFinding, type Finding } from '../finding.ts'
import type { WorkspacePackage } from '../workspace/workspace.ts'
import type { Drafts } from './drafts.ts'

/** Names and dependencies of packages. */
export function checkPackages({ packages }: Drafts): Finding[] {
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]))
  return [
    ...checkDuplicates(packages),
    ...packages.flatMap((pkg) => checkRanges(pkg, byName)),
    ...checkCycles(packages, byName),
  ]
}

function checkDuplicates(packages: readonly WorkspacePackage[]): Finding[] {
  const first = new Map<string, WorkspacePackage>()
  const findings: Finding[] = []
  for (const pkg of packages) {
    const other = first.get(pkg.name)
    if (!other) first.set(pkg.name, pkg)
    else
      findings.push(
        errorFinding({
          rule: 'packages/duplicate',
          file: `${pkg.dir}/package.json`,
          path: 'name',
          message: `${other.dir} is called '${pkg.name}' too`,
          remedy: 'rename one of them',
        }),
      )
  }
  return findings
}

function checkRanges(pkg: WorkspacePackage, byName: ReadonlyMap<string, WorkspacePackage>): Finding[] {
  return (['dependencies', 'devDependencies'] as const).flatMap((field) =>
    Object.entries(pkg[field]).flatMap(([name, range]) => {
      if (byName.get(name)?.kind !== 'servlet' || range === '*') return []
      return [
        errorFinding({
          rule: 'packages/servlet-range',
          file: `${pkg.dir}/package.json`,
          path: `${field}.${name}`,
          message: `depends on the servlet ${name} as "${range}"; after its next major version npm would look for it in the registry`,
          remedy:
            'write "*": in the workspace everyone compiles against what is there, and a release records the version',
        }),
      ]
    }),
  )
}

/**
 * Servlets are left out: they depend on contracts only, and those are checked file by file (`imports/cycle`), because
 * two servlets may well need each other's package without a cycle between their contracts.
 */
function checkCycles(
  packages: readonly WorkspacePackage[],
  byName: ReadonlyMap<string, WorkspacePackage>,
): Finding[] {
  const edges = new Map(
    packages
      .filter(({ kind }) => kind !== 'servlet')
      .map(({ name, dependencies }) => [name, Object.keys(dependencies)]),
  )
  return cyclesOf(edges).map((cycle) => {
    const [first = '', second = ''] = cycle
    const shown = cycle.join(' -> ')
    return errorFinding({
      rule: 'packages/cycle',
      file: `${byName.get(first)!.dir}/package.json`,
      path: `dependencies.${second}`,
      message: `packages depend on each other in a cycle: ${shown}`,
      remedy: 'move what both need into a package below them',
      witness: shown,
    })
  })
}
