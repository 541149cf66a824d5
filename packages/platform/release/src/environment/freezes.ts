/** What a freeze has kept from going out, in each environment, while releases go out wave by wave. */
export class Freezes {
  readonly #callers: ReadonlyMap<string, readonly string[]>
  /** Environment -> servlet -> the servlet that is frozen. */
  readonly #kept = new Map<string, Map<string, string>>()
  /** Those of the waves that are under way: for these, who is called may wait for its callers. */
  #first = new Map<string, Map<string, string>>()

  /** @param calls whom each servlet calls */
  constructor(calls: Readonly<Record<string, readonly string[]>>) {
    const callers = new Map<string, string[]>()
    for (const [servlet, called] of Object.entries(calls))
      for (const each of called) callers.set(each, [...(callers.get(each) ?? []), servlet])
    this.#callers = callers
  }

  /** Waves of their own begin, which were put in order by what callers and called can bear. */
  begin(): void {
    this.#first = new Map()
  }

  /** `servlet` did not go out, because `frozen`, itself or one that it waits for, is frozen. */
  keep(environment: string, servlet: string, frozen: string): void {
    for (const map of [this.#kept, this.#first]) {
      const kept = map.get(environment) ?? new Map<string, string>()
      map.set(environment, kept.set(servlet, frozen))
    }
  }

  /** It has gone out after all. */
  free(environment: string, servlets: readonly string[]): void {
    for (const servlet of servlets) {
      this.#kept.get(environment)?.delete(servlet)
      this.#first.get(environment)?.delete(servlet)
    }
  }

  /**
   * Which servlets wait in an environment, and for whom: callers of what was kept, directly or through others, and whoever it
   * calls where a wave has put them after it.
   */
  waiting(environment: string, servlets: readonly string[]): ReadonlyMap<string, string> {
    const waits = new Map<string, string>()
    for (const [kept, frozen] of this.#kept.get(environment) ?? [])
      for (const servlet of this.#callersOf(kept)) waits.set(servlet, frozen)
    const first = this.#first.get(environment)
    for (const servlet of servlets) {
      if (waits.has(servlet) || !first) continue
      const before = [...this.#callersOf(servlet)].find((caller) => first.has(caller))
      if (before !== undefined) waits.set(servlet, first.get(before)!)
    }
    return waits
  }

  #callersOf(servlet: string): ReadonlySet<string> {
    const found = new Set<string>()
    const left = [servlet]
    for (let next = left.pop(); next !== undefined; next = left.pop())
      for (const caller of this.#callers.get(next) ?? [])
        if (!found.has(caller) && caller !== servlet) {
          found.add(caller)
          left.push(caller)
        }
    return found
  }
}
