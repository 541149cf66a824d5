import { AtlasError } from '@atlas/contract'
import { requestLine, startLocal, textLog } from '@atlas/local'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** Options of `atlas start`. */
export interface StartOptions {
  readonly port: number
  readonly cwd: string
}

/** How long Ctrl-C waits for requests that run. */
const graceMs = 10_000

/** Runs every servlet of the workspace until SIGINT or SIGTERM; a second signal ends at once. */
export async function start({ port, cwd }: StartOptions, output: Output): Promise<void> {
  const began = performance.now()
  const root = await findRoot(cwd)
  const local = await startLocal({
    root,
    port,
    logOf: (servlet) => textLog(servlet, output.print),
    onRequest: (entry) => output.print(requestLine(entry)),
  }).catch((error: unknown) => {
    // The port could not be had; nothing else about the outside makes a start fail.
    if (error instanceof AtlasError)
      throw new CommandError(`${error.message} (--port or PORT)`, exitCode.outside)
    throw error
  })
  for (const [servlet, reason] of local.broken) output.print(`${servlet} is not running: ${reason}`)
  const count = `${local.running.length} servlet${local.running.length === 1 ? '' : 's'}`
  output.print(
    `Atlas is up at ${local.url}: ${count} in ${Math.round(performance.now() - began)} ms (${local.running.join(', ')})`,
  )
  await signalled()
  process.once('SIGINT', endNow).once('SIGTERM', endNow)
  output.print('finishing what runs; press Ctrl-C again to end now')
  await local.close({ graceMs })
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      process.off('SIGINT', done).off('SIGTERM', done)
      resolve()
    }
    process.on('SIGINT', done).on('SIGTERM', done)
  })
}

function endNow(): void {
  process.exit(130)
}
