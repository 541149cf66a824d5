import { digest } from './fingerprints.ts'

interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** What npm installs, as package-lock.json says. */
export class Installed {
  readonly #entries: Readonly<Record<string, LockEntry>>
  readonly #known = new Map<string, string>()

  /** @throws Error when the text is no lockfile of npm 7 or later */
  constructor(text: string | undefined) {
    if (text === undefined) {
      this.#entries = {}
      return
    }
    let lock: { packages?: Record<string, LockEntry> }
    try {
      lock = JSON.parse(text) as typeof lock
    } catch (error) {
      throw new Error(
        `package-lock.json is no JSON (${(error as Error).message}); restore it, or run npm install`,
      )
    }
    if (!lock.packages)
      throw new Error('package-lock.json has no "packages"; write it with npm 7 or later: npm install')
    this.#entries = lock.packages
  }

  /**
   * A digest of all installed packages that some dependencies of a folder reach, with their versions. Dependencies within
   * the workspace are not followed. One that is not installed counts with its range.
   */
  digestOf(dir: string, dependencies: Readonly<Record<string, string>>): string {
    const missing: string[] = []
    const starts: string[] = []
    for (const [name, range] of Object.entries(dependencies)) {
      const at = this.#resolve(dir, name)
      if (at === undefined) missing.push(`${name}@${range}`)
      else if (!this.#entries[at]!.link) starts.push(at)
    }
    const key = [...starts.sort(), '', ...missing.sort()].join('\n')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const seen = new Set(starts)
    for (const at of seen) {
      const { dependencies, optionalDependencies, peerDependencies } = this.#entries[at]!
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
        const next = this.#resolve(at, name)
        if (next !== undefined && !this.#entries[next]!.link) seen.add(next)
      }
    }
    const lines = [...seen].map((at) => `${at} ${this.#entries[at]!.version} ${this.#entries[at]!.integrity}`)
    const made = digest([...lines.sort(), ...missing].join('\n'))
    this.#known.set(key, made)
    return made
  }

  /** Where Node finds a package from a folder: in the nearest node_modules above it. */
  #resolve(from: string, name: string): string | undefined {
    for (let folder = from; ; folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '') {
      if (!folder.endsWith('node_modules')) {
        const at = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
        if (Object.hasOwn(this.#entries, at)) return at
      }
      if (folder === '') return undefined
    }
  }
}
