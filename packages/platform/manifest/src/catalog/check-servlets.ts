import { errorFinding, type Finding } from '../finding.ts'
import { isServletName } from '../schema/names.ts'
import { checkOwner } from './check-owner.ts'
import type { Drafts, ServletDraft } from './drafts.ts'

/** Names, owners and the files that every servlet has. */
export function checkServlets(drafts: Drafts): Finding[] {
  return [
    ...drafts.servlets.flatMap((servlet) => [
      ...checkFiles(servlet),
      ...checkNames(servlet),
      ...checkOwner(servlet.manifest?.owner, servlet.files.manifest, drafts),
    ]),
    ...checkDuplicates(drafts.servlets),
  ]
}

function checkFiles({ pkg, files, hasInterface }: ServletDraft): Finding[] {
  const findings: Finding[] = []
  if (pkg.texts['servlet.json'] === undefined)
    findings.push(
      errorFinding({
        rule: 'servlet/manifest-missing',
        file: files.manifest,
        path: '',
        message: `is missing, so nobody owns ${pkg.name}`,
        remedy: 'add it with at least { "owner": "TEAM" }, or move the package out of packages/servlets',
      }),
    )
  if (!hasInterface)
    findings.push(
      errorFinding({
        rule: 'servlet/interface-missing',
        file: files.interface,
        path: '',
        message: `is missing, so the routes and calls of ${pkg.name} are not known`,
        remedy: 'run npx atlas interface',
      }),
    )
  return findings
}

function checkNames({ pkg, folder, document, files }: ServletDraft): Finding[] {
  const rule = 'servlet/name'
  const findings: Finding[] = []
  if (!isServletName(folder))
    findings.push(
      errorFinding({
        rule,
        file: files.package,
        path: '',
        message: `the folder '${folder}' is not a servlet name`,
        remedy: 'use at most 40 lower-case letters and digits, with hyphens between words, as in file-links',
      }),
    )
  if (pkg.name.split('/').at(-1) !== folder)
    findings.push(
      errorFinding({
        rule,
        file: files.package,
        path: 'name',
        message: `the package is called '${pkg.name}', its folder '${folder}'`,
        remedy: `call it '${scopeOf(pkg.name)}${folder}', or rename the folder`,
      }),
    )
  if (document && document.name !== folder)
    findings.push(
      errorFinding({
        rule,
        file: files.interface,
        path: 'name',
        message: `the contract is called '${document.name}', the folder '${folder}'`,
        remedy: `write contract('${folder}', ...) in src/contract.ts and run npx atlas interface, or rename the folder`,
      }),
    )
  return findings
}

function checkDuplicates(servlets: readonly ServletDraft[]): Finding[] {
  const first = new Map<string, ServletDraft>()
  const findings: Finding[] = []
  for (const servlet of servlets) {
    const other = first.get(servlet.name)
    if (!other) first.set(servlet.name, servlet)
    else
      findings.push(
        errorFinding({
          rule: 'servlet/duplicate',
          file: servlet.files.package,
          path: 'name',
          message: `there is another servlet '${servlet.name}' in ${other.pkg.dir}`,
          remedy: 'rename one of them, folder and contract',
        }),
      )
  }
  return findings
}

function scopeOf(name: string): string {
  return name.startsWith('@') ? name.slice(0, name.indexOf('/') + 1) : ''
}
