import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
// Not the whole package: whoever begins a workspace may have a Node that cannot load it.
import { isServletName } from '@atlas/manifest/names'
import { writeAtomically } from '@atlas/release/write-atomically'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { companyFiles, companyPackage } from '../../scaffold/company-files.ts'
import { packageJsonText } from '../../scaffold/json-text.ts'
import { isScope } from '../../scaffold/names.ts'
import { writeMissing } from '../../scaffold/new-files.ts'
import { servletFiles } from '../../scaffold/servlet-files.ts'
import { plainServlet } from '../../scaffold/servlet-spec.ts'
import { platformVersion, zodRange } from '../../scaffold/versions.ts'

/** Options of `atlas init`. */
export interface InitOptions {
  readonly cwd: string
  /** `@acme`. @default from the name of the folder */
  readonly scope?: string | undefined
  /** The first team. */
  readonly team: string
  /** The first servlet. */
  readonly servlet: string
  readonly json: boolean
}

/**
 * `atlas init`: makes a company's workspace in this folder, with a team and a servlet. Adds what is missing and changes
 * nothing that exists, so it can be run again.
 */
export async function init(options: InitOptions, output: Output): Promise<number> {
  const root = resolve(options.cwd)
  const name = nameOf(basename(root))
  const scope = options.scope ?? `@${name}`
  refuseWrongNames(options, scope)
  const path = join(root, 'package.json')
  const before = await readFile(path, 'utf8').catch(() => undefined)
  const after = packageJsonText(companyPackage(parse(before), { name, team: options.team }))
  const servlet = servletFiles(
    plainServlet({
      name: options.servlet,
      scope,
      owner: options.team,
      platform: `^${platformVersion}`,
      zod: zodRange,
    }),
  )
  const written = await writeMissing(root, {
    ...companyFiles({ name, team: options.team }),
    ...Object.fromEntries(
      Object.entries(servlet).map(([file, text]) => [`packages/servlets/${options.servlet}/${file}`, text]),
    ),
  })
  if (after !== before) {
    // Last: it is what makes the folder a workspace.
    await writeAtomically(path, after)
    written.push('package.json')
  }
  if (options.json) output.json({ root, written })
  else {
    for (const file of written) output.print(`wrote ${file}`)
    output.print('next: npm install, npx atlas interface, npm test, npm start')
  }
  return exitCode.done
}

function refuseWrongNames({ team, servlet }: InitOptions, scope: string): void {
  const refuse = (what: string) => {
    throw new CommandError(what, exitCode.usage)
  }
  if (!isScope(scope)) refuse(`'${scope}' is not a scope; write it as in --scope @acme`)
  // Servlets and teams are spelt alike.
  if (!isServletName(team)) refuse(`'${team}' is not a team name; use lower-case words joined by hyphens`)
  if (!isServletName(servlet))
    refuse(`'${servlet}' is not a servlet name; use lower-case words joined by hyphens, up to 40 characters`)
}

function parse(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new CommandError(
      `package.json is not JSON (${(error as Error).message}); correct it and run this again`,
    )
  }
}

function nameOf(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'company' : name
}
