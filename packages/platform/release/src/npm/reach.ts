import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { importsOf } from './specifiers.ts'

/** What can be reached from the entries of a built package. */
export interface Reach {
  /** Files of the package, relative to it. */
  readonly files: ReadonlySet<string>
  /** Packages that those files import, and one file that does. */
  readonly packages: ReadonlyMap<string, string>
  /** Imports of files that are not there. */
  readonly missing: readonly { readonly file: string; readonly from: string }[]
}

/**
 * Follows the imports of a built package from its entries.
 * @param files All files of the package by path relative to it; text is needed for scripts and declarations only.
 * @param entries Paths, in which `*` stands for anything.
 */
export function reach(files: ReadonlyMap<string, string>, entries: readonly string[]): Reach {
  const reached = new Set<string>()
  const packages = new Map<string, string>()
  const missing: { file: string; from: string }[] = []
  const open: string[] = []
  const take = (file: string, from: string): void => {
    if (!files.has(file)) missing.push({ file, from })
    else if (!reached.has(file)) {
      reached.add(file)
      open.push(file)
    }
  }
  for (const entry of entries) {
    if (!entry.includes('*')) take(entry, 'package.json')
    else for (const file of files.keys()) if (matches(entry, file)) take(file, 'package.json')
  }
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (!/\.(js|d\.ts)$/.test(file)) continue
    for (const { name } of importsOf(files.get(file)!)) {
      if (/^\.{1,2}\//.test(name)) {
        const target = posix.join(posix.dirname(file), name)
        take(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target, file)
      } else if (!isBuiltin(name) && !name.startsWith('#')) {
        const owner = packageOf(name)
        if (!packages.has(owner)) packages.set(owner, file)
      }
    }
  }
  return { files: reached, packages, missing }
}

/** `zod` of `zod/v4`, `@atlas/contract` of `@atlas/contract/x`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function matches(pattern: string, file: string): boolean {
  const [before = '', after = ''] = pattern.split('*')
  return file.length >= before.length + after.length && file.startsWith(before) && file.endsWith(after)
}
