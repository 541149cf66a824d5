/** A rule of `atlas check`, for people who meet it. */
export interface Rule {
  /** `routes/ambiguous` */
  readonly id: string
  /** When it is broken. Markdown, without a full stop. */
  readonly broken: string
  /** Why it exists, where that is not plain. */
  readonly why?: string
  /** What to do. Markdown, without a full stop. */
  readonly remedy: string
  /** @default 'error' */
  readonly severity?: 'error' | 'warning' | 'error or warning'
}

/** Rules about one thing. */
export interface RuleArea {
  /** The first half of their ids. */
  readonly area: string
  readonly about: string
  readonly rules: readonly Rule[]
}
