import { createHash } from 'node:crypto'
import type { PackageFacts } from './facts.ts'

/** What of a workspace a package may contain: for each package, itself and all that its dependencies reach. */
export class Closures {
  readonly #packages: ReadonlyMap<string, PackageFacts>
  readonly #next: ReadonlyMap<string, readonly string[]>
  readonly #digests: ReadonlyMap<string, string>

  constructor(packages: readonly PackageFacts[]) {
    this.#packages = new Map(packages.map((each) => [each.name, each]))
    this.#next = new Map(
      packages.map((each) => [
        each.name,
        Object.keys({ ...each.devDependencies, ...each.dependencies }).filter((name) =>
          this.#packages.has(name),
        ),
      ]),
    )
    this.#digests = this.#digestAll()
  }

  /** Names, sorted. Cycles are allowed. */
  of(name: string): string[] {
    const seen = new Set([name])
    for (const each of seen) for (const next of this.#next.get(each) ?? []) seen.add(next)
    return [...seen].sort()
  }

  /** One digest of the sources of a package and of all that it reaches. */
  digestOf(name: string): string {
    return this.#digests.get(name)!
  }

  /** Each knot after those it leads to, so that its digest is made of theirs: every edge is looked at once. */
  #digestAll(): Map<string, string> {
    const digests = new Map<string, string>()
    for (const knot of knotsOf(this.#next)) {
      const inside = new Set(knot)
      const reached = new Set(
        knot.flatMap((name) => this.#next.get(name)!).filter((name) => !inside.has(name)),
      )
      const hash = createHash('sha256')
      for (const name of [...knot].sort()) {
        const { sources, externals } = this.#packages.get(name)!
        hash.update(`${name} ${sources} ${externals}\n`)
      }
      for (const each of [...reached].map((name) => digests.get(name)!).sort()) hash.update(`${each}\n`)
      const digest = hash.digest('hex').slice(0, 32)
      for (const name of knot) digests.set(name, digest)
    }
    return digests
  }
}

/** Strongly connected components, each after all that it leads to. Tarjan's algorithm, without recursion. */
function knotsOf(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const knots: string[][] = []
  const enter = (name: string) => {
    index.set(name, index.size)
    low.set(name, index.get(name)!)
    open.push(name)
    isOpen.add(name)
    return { name, at: 0 }
  }
  for (const start of next.keys()) {
    if (index.has(start)) continue
    const path = [enter(start)]
    while (path.length > 0) {
      const top = path.at(-1)!
      const to = next.get(top.name)![top.at++]
      if (to !== undefined) {
        if (!index.has(to)) path.push(enter(to))
        else if (isOpen.has(to)) low.set(top.name, Math.min(low.get(top.name)!, index.get(to)!))
        continue
      }
      path.pop()
      const above = path.at(-1)
      if (above) low.set(above.name, Math.min(low.get(above.name)!, low.get(top.name)!))
      if (low.get(top.name) !== index.get(top.name)) continue
      const knot = open.splice(open.indexOf(top.name))
      for (const name of knot) isOpen.delete(name)
      knots.push(knot)
    }
  }
  return knots
}
