import { CommandError, exitCode } from '../exit-code.ts'

/** The error of a platform that does not answer, with how to start it. */
export function unreachable(url: string, cause: unknown): CommandError {
  return new CommandError(
    `nothing answers at ${url} (${reasonOf(cause)}); start the platform with npm start, or say where it is: --port or --url`,
    exitCode.outside,
  )
}

function reasonOf(error: unknown): string {
  for (let reason = error; reason instanceof Error; reason = reason.cause) {
    const { code } = reason as NodeJS.ErrnoException
    if (typeof code === 'string') return code
    if (reason.cause === undefined) return reason.message
  }
  return String(error)
}
