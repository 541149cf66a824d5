/** Something in a contract that cannot be served. */
export interface Problem {
  /** Where: `greet.input.birthday`. */
  readonly path: string
  /** What, without a full stop. */
  readonly message: string
  /** What to write instead, without a full stop. */
  readonly remedy: string
}

/** Collects problems while a contract is walked. */
export type Report = (path: string, message: string, remedy: string) => void

/** A report that also says how many problems went through it. */
export function counting(report: Report): { readonly report: Report; readonly count: () => number } {
  let problems = 0
  return {
    report: (...problem) => {
      problems++
      report(...problem)
    },
    count: () => problems,
  }
}
