import { catalogOf, isServletName, readWorkspace, type WorkspacePackage } from '@atlas/manifest'
import { CommandError, exitCode } from '../exit-code.ts'
import { ownerOf, refuseFindings, scopeOf } from './fitting.ts'
import { libraryFiles, type NewLibrary } from './library-files.ts'
import { type NewPackage, refuseExisting, writePackage } from './write-package.ts'

/** What somebody said of the library that they want. */
export interface LibraryRequest {
  readonly name: string
  /** @default the only team there is */
  readonly owner?: string | undefined
  /** `@acme`. @default that of the servlets */
  readonly scope?: string | undefined
  readonly description?: string | undefined
  /** `public`, `team:NAME`, names of packages. @default only packages of its owner */
  readonly visibility?: readonly string[] | undefined
}

/** A library that was made. */
export interface CreatedLibrary {
  readonly library: NewLibrary
  /** Relative to the root. */
  readonly written: readonly string[]
}

/**
 * The package of a library as somebody asked for it. Writes nothing.
 *
 * @throws CommandError for a request that cannot be met, or that `atlas check` would find something wrong with
 */
export async function planLibrary(
  root: string,
  request: LibraryRequest,
): Promise<NewPackage & { readonly library: NewLibrary }> {
  const { name, description, visibility = [] } = request
  if (!isServletName(name))
    throw new CommandError(
      `'${name}' is not a library name; use lower-case words joined by hyphens, up to 40 characters`,
      exitCode.usage,
    )
  const workspace = await readWorkspace(root)
  const { catalog } = catalogOf(workspace)
  const dir = `packages/libraries/${name}`
  await refuseExisting(root, dir)
  const library: NewLibrary = {
    name,
    scope: scopeOf(request.scope, workspace),
    owner: ownerOf(request.owner, catalog),
    description,
    visibility,
  }
  const files = libraryFiles(library)
  const pkg: WorkspacePackage = {
    name: `${library.scope}/${name}`,
    dir,
    kind: 'library',
    version: '0.1.0',
    tags: [],
    dependencies: {},
    devDependencies: {},
    exports: { '.': './src/index.ts' },
    texts: { 'library.json': files['library.json']! },
  }
  refuseFindings(workspace, pkg)
  return { dir, files, library }
}

/**
 * Makes a library in a workspace, whole or not at all.
 *
 * @throws CommandError for a request that cannot be met; nothing is written then
 */
export async function createLibrary(root: string, request: LibraryRequest): Promise<CreatedLibrary> {
  const { dir, files, library } = await planLibrary(root, request)
  await writePackage(root, { dir, files })
  return { library, written: Object.keys(files).map((file) => `${dir}/${file}`) }
}
