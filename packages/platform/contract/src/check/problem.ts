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

/** A report that also remembers where there were problems. */
export function remembering(report: Report): {
  readonly report: Report
  readonly paths: ReadonlySet<string>
} {
  const paths = new Set<string>()
  return {
    report: (path, ...problem) => {
      paths.add(path)
      report(path, ...problem)
    },
    paths,
  }
}
