/** What a load tool did: all of it, whatever was answered. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Answers whose status was not 2xx. */
  readonly notSuccessful: number
  /** Requests without an answer. */
  readonly failed: number
  /** Bytes of each answer on average: what `Target` says they have to be when all are right. */
  readonly bytesPerAnswer: number
}

/** What to ask of whom. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A file with the body. */
  readonly bodyFile: string
}
