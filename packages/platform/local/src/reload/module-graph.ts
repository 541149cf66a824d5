import { type RegisterHooksOptions, registerHooks } from 'node:module'
import { relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What a changed module is loaded again under: Node keeps modules by URL, and never lets go of one. */
const parameter = 'atlas-version'

/**
 * Knows which files of a workspace import which, and has changed ones loaded again.
 *
 * Node cannot unload a module, so a changed file, and all that import it, get a new URL: the same with a version. Modules
 * that did not change are the same ones as before, with their state. What was loaded before stays in memory.
 */
export class ModuleGraph {
  readonly #root: string
  /** Files by those that they import. */
  readonly #importers = new Map<string, Set<string>>()
  readonly #versions = new Map<string, number>()
  #installed: { deregister(): void } | undefined

  /** @param root the workspace; what is in its `node_modules` is nobody's to change while it runs */
  constructor(root: string) {
    this.#root = root.endsWith(sep) ? root : `${root}${sep}`
  }

  /** Begins to watch what is imported in this process. */
  install(): void {
    const resolve: RegisterHooksOptions['resolve'] = (specifier, context, next) => {
      const resolved = next(specifier, context)
      const file = this.#ownFile(resolved.url)
      if (file === undefined) return resolved
      const importer = context.parentURL === undefined ? undefined : this.#ownFile(context.parentURL)
      const importers = this.#importersOf(file)
      if (importer !== undefined) importers.add(importer)
      const version = this.#versions.get(file)
      // Only `import` takes URLs; what is `require`d stays as it is.
      if (version === undefined || !context.conditions.includes('import')) return resolved
      return { ...resolved, url: `${pathToFileURL(file).href}?${parameter}=${version}` }
    }
    this.#installed = registerHooks({ resolve })
  }

  uninstall(): void {
    this.#installed?.deregister()
  }

  /** The files that were loaded, relative to the root, with `/` between folders. */
  files(): string[] {
    return [...this.#importers.keys()].map((file) => this.#relative(file))
  }

  /**
   * Notes that files changed: they and all that import them are loaded anew by their next import. Returns those of them that
   * were loaded, relative to the root.
   *
   * @param files relative to the root
   */
  invalidate(files: Iterable<string>): Set<string> {
    const stale = new Set<string>()
    const visit = (file: string) => {
      const importers = this.#importers.get(file)
      if (!importers || stale.has(file)) return
      stale.add(file)
      for (const importer of importers) visit(importer)
    }
    for (const file of files) visit(`${this.#root}${file.replaceAll('/', sep)}`)
    for (const file of stale) {
      this.#versions.set(file, (this.#versions.get(file) ?? 0) + 1)
      // Its imports are noted again when it is loaded again.
      for (const importers of this.#importers.values()) importers.delete(file)
    }
    return new Set([...stale].map((file) => this.#relative(file)))
  }

  #importersOf(file: string): Set<string> {
    let importers = this.#importers.get(file)
    if (!importers) {
      importers = new Set()
      this.#importers.set(file, importers)
    }
    return importers
  }

  #ownFile(url: string): string | undefined {
    if (!url.startsWith('file:')) return undefined
    const file = fileURLToPath(url)
    return file.startsWith(this.#root) && !file.includes(`${sep}node_modules${sep}`) ? file : undefined
  }

  #relative(file: string): string {
    return relative(this.#root, file).replaceAll(sep, '/')
  }
}
