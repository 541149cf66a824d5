/** What to do about an error that the platform itself makes. */
export interface ErrorAdvice {
  /** The code and the message as the sources have it, with `…` for what differs: `not_found no such thing`. */
  readonly error: string
  /** When it comes. Markdown, without a full stop. */
  readonly when: string
  /** What to do. Markdown, without a full stop. */
  readonly remedy: string
}

/** Errors that are met in one situation. */
export interface ErrorSituation {
  readonly title: string
  readonly errors: readonly ErrorAdvice[]
}
