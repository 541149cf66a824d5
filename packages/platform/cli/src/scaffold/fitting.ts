import type { Catalog, Finding, Workspace, WorkspacePackage } from '@atlas/manifest'
import { catalogOf } from '@atlas/manifest'
import { CommandError, exitCode } from '../exit-code.ts'
import { suggestion } from '../suggest.ts'
import { isScope } from './names.ts'

/** The team that was named, or the only one there is. @throws CommandError when that is nobody */
export function ownerOf(owner: string | undefined, { teams }: Catalog): string {
  const names = Object.keys(teams)
  if (owner === undefined) {
    const [only, ...others] = names
    if (only !== undefined && others.length === 0) return only
    throw new CommandError(`say whose it is: --owner ${names.join(' | ') || 'TEAM'}`, exitCode.usage)
  }
  if (names.includes(owner)) return owner
  throw new CommandError(
    `there is no team '${owner}' in infra/teams.json${suggestion(owner, names, 'add it there')}`,
    exitCode.usage,
  )
}

/** The scope that was named, or that of the packages there are. @throws CommandError when that is none */
export function scopeOf(scope: string | undefined, workspace: Workspace): string {
  const known = scope ?? knownScope(workspace)
  if (known === undefined)
    throw new CommandError('say the scope of your packages: --scope @acme', exitCode.usage)
  if (isScope(known)) return known
  throw new CommandError(`'${known}' is not a scope; write it as @acme`, exitCode.usage)
}

/** The scope of the servlets and libraries of a workspace, from the first that has one. */
export function knownScope({ packages }: Workspace): string | undefined {
  const scopes = packages
    .filter(({ kind }) => kind === 'servlet' || kind === 'library')
    .map(({ name }) => name.split('/')[0])
  return scopes.find((scope) => scope?.startsWith('@'))
}

/**
 * What `atlas check` would say because of a package that is not there yet, so that it is refused before anything is
 * written.
 *
 * @param document the interface document that it will have, as far as it is known
 * @throws CommandError with every such finding
 */
export function refuseFindings(workspace: Workspace, pkg: WorkspacePackage, document?: object): void {
  const name = pkg.dir.slice(pkg.dir.lastIndexOf('/') + 1)
  const known = new Set(catalogOf(workspace).findings.map(keyOf))
  const { findings } = catalogOf(
    { ...workspace, packages: [...workspace.packages, pkg] },
    document ? { documents: new Map([[name, document]]) } : {},
  )
  const caused = findings.filter(
    (finding) =>
      finding.severity === 'error' &&
      finding.rule !== 'servlet/interface-missing' &&
      !known.has(keyOf(finding)),
  )
  if (caused.length > 0)
    throw new CommandError(
      `${pkg.dir} would be wrong, so it was not written:\n${caused
        .map(({ message, path, remedy }) => `    ${path ? `${path}: ` : ''}${message}; ${remedy}`)
        .join('\n')}`,
    )
}

function keyOf({ rule, file, path, message }: Finding): string {
  return JSON.stringify([rule, file, path, message])
}
