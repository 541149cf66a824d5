/** Something that is wrong with an interface document or with a contract that one is made of. */
export interface InterfaceProblem {
  /** `interface/conflict`, `interface/shape`, ... */
  readonly rule: string
  /** Where: `endpoints.greet.route`, `line 12`; empty for the whole. */
  readonly path: string
  /** What, without a full stop. */
  readonly message: string
  /** What to do, without a full stop. */
  readonly remedy: string
}

/** Thrown where a contract has no interface document; `problems` has all reasons. */
export class InterfaceError extends TypeError {
  readonly problems: readonly InterfaceProblem[]

  constructor(what: string, problems: readonly InterfaceProblem[]) {
    const lines = problems.map(
      ({ path, message, remedy }) => `  ${path ? `${path}: ` : ''}${message}. ${remedy}.`,
    )
    super(`${what}\n${lines.join('\n')}`)
    this.name = 'InterfaceError'
    this.problems = problems
  }
}
