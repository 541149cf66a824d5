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
