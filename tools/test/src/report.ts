import { Children } from './children.ts'
import { closingLine } from './counts.ts'
import { environment } from './environment.ts'
import type { Result } from './steps.ts'

/** What steps run with. */
export interface StepContext {
  readonly children: Children
  /** Whether the next step may start; false after an interrupt. */
  readonly goesOn: () => boolean
  /** Aborts at an interrupt. */
  readonly interrupted: AbortSignal
}

/**
 * Runs steps, ends what they started when interrupted, and closes with a line for each failure and the line of counts.
 *
 * @returns the exit code
 */
export async function report(
  root: string,
  steps: (context: StepContext) => Promise<Result>,
): Promise<number> {
  const children = new Children({ cwd: root, env: environment(root) })
  const interrupt = new AbortController()
  let interruptedBy: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      interruptedBy ??= signal
      children.end(signal)
      interrupt.abort(new Error(`ended by ${signal}`))
    })

  const goesOn = () => interruptedBy === undefined
  const { counts, failures } = await steps({ children, goesOn, interrupted: interrupt.signal })
  print('')
  for (const failure of failures) print(`✗ ${failure}`)
  if (interruptedBy) print(`interrupted by ${interruptedBy}`)
  print(closingLine(counts))
  if (interruptedBy) return 130
  return counts.failed === 0 && failures.length === 0 ? 0 : 1
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
