import { join } from 'node:path'
import { stringifyInterface } from '@atlas/interface'
import {
  type Catalog,
  catalogOf,
  isServletName,
  nearest,
  readWorkspace,
  type Workspace,
} from '@atlas/manifest'
import { CommandError, exitCode } from '../../../exit-code.ts'
import { liveDocument } from '../../../interface/live-document.ts'
import { folderOf, servletsOf } from '../../../interface/stale-documents.ts'
import type { Output } from '../../../output.ts'
import { refuseExisting, writeMissing } from '../../../scaffold/new-files.ts'
import { servletFiles } from '../../../scaffold/servlet-files.ts'
import { platformVersion, zodRange } from '../../../scaffold/versions.ts'
import { findRoot } from '../../../workspace/find-root.ts'
import { writeAtomically } from '../../../workspace/write-atomically.ts'

/** Options of `atlas new servlet`. */
export interface NewServletOptions {
  readonly cwd: string
  readonly name: string
  /** @default the only team there is */
  readonly owner?: string | undefined
  /** `@acme`. @default that of the other servlets */
  readonly scope?: string | undefined
  readonly json: boolean
}

/** `atlas new servlet NAME`: a servlet that answers, with a test, ready to be changed. */
export async function newServlet(options: NewServletOptions, output: Output): Promise<number> {
  const { name } = options
  const root = await findRoot(options.cwd)
  if (!isServletName(name))
    throw new CommandError(
      `'${name}' is not a servlet name; use lower-case words joined by hyphens`,
      exitCode.usage,
    )
  const workspace = await readWorkspace(root)
  const { catalog } = catalogOf(workspace)
  const dir = `packages/servlets/${name}`
  await refuseExisting(root, dir, 'choose another name, or change that servlet')
  const files = servletFiles({
    name,
    owner: ownerOf(options.owner, catalog),
    scope: scopeOf(options.scope, workspace),
    platform: workspace.packages.some((pkg) => pkg.name === '@atlas/sdk') ? '*' : `^${platformVersion}`,
    zod: zodRange,
  })
  const written = (await writeMissing(join(root, dir), files)).map((file) => `${dir}/${file}`)
  const document = await writeDocument(root, name)
  if (document) written.push(document)
  if (options.json) output.json({ servlet: name, written })
  else {
    for (const file of written) output.print(`wrote ${file}`)
    output.print(`next: npm install (links it), npm start, then curl 127.0.0.1:8080/${name}/ada`)
  }
  return exitCode.done
}

/** Its interface document; it needs the platform's packages, which a workspace just made has not installed. */
async function writeDocument(root: string, name: string): Promise<string | undefined> {
  const pkg = servletsOf(await readWorkspace(root)).find((one) => folderOf(one) === name)
  const made = pkg && (await liveDocument(root, pkg))
  if (!pkg || !made?.ok) return undefined
  const file = `${pkg.dir}/interface.json`
  await writeAtomically(join(root, file), stringifyInterface(made.document))
  return file
}

function ownerOf(owner: string | undefined, { teams }: Catalog): string {
  const names = Object.keys(teams)
  if (owner === undefined) {
    const [only, ...others] = names
    if (only !== undefined && others.length === 0) return only
    throw new CommandError(`say whose it is: --owner ${names.join(' | ') || 'TEAM'}`, exitCode.usage)
  }
  if (names.includes(owner)) return owner
  const close = nearest(owner, names)
  throw new CommandError(
    `there is no team '${owner}' in infra/teams.json${close ? `; did you mean '${close}'?` : `; add it there, or use one of ${names.join(', ')}`}`,
    exitCode.usage,
  )
}

function scopeOf(scope: string | undefined, workspace: Workspace): string {
  if (scope !== undefined) {
    if (/^@[a-z0-9][a-z0-9._-]*$/.test(scope)) return scope
    throw new CommandError(`'${scope}' is not a scope; write it as @acme`, exitCode.usage)
  }
  const [first] = servletsOf(workspace)
  const existing = first?.name.split('/')[0]
  if (existing?.startsWith('@')) return existing
  throw new CommandError('say the scope of your packages: --scope @acme', exitCode.usage)
}
