/** What the exit code of a command says. */
export const exitCode = {
  done: 0,
  /** Refused, or failed with findings. */
  refused: 1,
  /** Wrong use: an unknown command or option, a missing argument. */
  usage: 2,
  /** Something outside failed: a registry, a cluster, a port. */
  outside: 3,
  /** A rollout was rolled back, or is held. */
  held: 4,
} as const

/** An error whose message is all that a person needs: no stack is shown. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exit: (typeof exitCode)[keyof typeof exitCode] = exitCode.refused) {
    super(message)
    this.exitCode = exit
  }
}
