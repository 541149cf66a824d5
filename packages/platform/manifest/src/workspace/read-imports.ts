import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mapBounded } from './bounded.ts'
import type { Import } from './imports-of.ts'
import type { Workspace } from './workspace.ts'

/** A source file and what it imports. */
export interface SourceFile {
  /** The name of the package that it belongs to. */
  readonly package: string
  /** Relative to the root of the workspace. */
  readonly file: string
  readonly imports: readonly Import[]
}

const source = /\.[cm]?[jt]sx?$/
const skipped = /^(node_modules|dist|coverage|\..*)$/
const filesAtOnce = 32

/**
 * Reads what the source files of packages import. A folder with a package.json of its own is not part of the package
 * around it. The parser is loaded when this is called: reading the catalog alone does not pay for it.
 */
export async function readImports(
  root: string,
  packages: Workspace['packages'],
): Promise<readonly SourceFile[]> {
  const { importsOf } = await import('./imports-of.ts')
  const listed = await mapBounded(packages, filesAtOnce, async ({ name, dir }) => {
    const files = await sourceFiles(root, dir, true)
    return files.sort().map((file) => ({ package: name, file }))
  })
  return mapBounded(listed.flat(), filesAtOnce, async ({ package: name, file }) => ({
    package: name,
    file,
    imports: importsOf(file, await readFile(join(root, file), 'utf8')),
  }))
}

async function sourceFiles(root: string, dir: string, top: boolean): Promise<string[]> {
  const entries = await readdir(join(root, dir), { withFileTypes: true })
  if (!top && entries.some(({ name }) => name === 'package.json')) return []
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = `${dir}/${entry.name}`
      if (entry.isDirectory()) return skipped.test(entry.name) ? [] : sourceFiles(root, path, false)
      return entry.isFile() && source.test(entry.name) ? [path] : []
    }),
  )
  return nested.flat()
}
