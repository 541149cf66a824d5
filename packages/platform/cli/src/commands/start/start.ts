import { AtlasError } from '@atlas/contract'
import { EnvironmentUnreadable, type PlacementName, startLocal } from '@atlas/local'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** Options of `atlas start`. */
export interface StartOptions {
  readonly port: number
  readonly cwd: string
  readonly placement?: PlacementName
  readonly namespace?: string
  readonly awake?: number
  readonly memory?: number
  readonly idle?: number
  readonly watch: boolean
}

/** How long Ctrl-C waits for requests that run. */
const graceMs = 10_000

/** Names in the line that says what is up; of more only their number is said. */
const mostNames = 12

/** Runs every servlet of the workspace until SIGINT or SIGTERM; a second signal ends at once. */
export async function start(options: StartOptions, output: Output): Promise<void> {
  const { port, cwd, placement, namespace, awake, memory, idle, watch } = options
  const began = performance.now()
  const root = await findRoot(cwd)
  const local = await startLocal({
    root,
    port,
    watch,
    write: output.print,
    ...(placement && { placement }),
    ...(namespace !== undefined && { namespace }),
    limits: {
      ...(awake !== undefined && { awake }),
      ...(memory !== undefined && { memoryMiB: memory }),
      ...(idle !== undefined && { idleMs: idle * 1000 }),
    },
  }).catch((error: unknown) => {
    if (error instanceof EnvironmentUnreadable) throw new CommandError(error.message)
    // The port could not be had; nothing else about the outside makes a start fail.
    if (error instanceof AtlasError)
      throw new CommandError(`${error.message} (--port or PORT)`, exitCode.outside)
    throw error
  })
  const { running } = local
  const count = `${running.length} servlet${running.length === 1 ? '' : 's'}`
  const names = running.slice(0, mostNames).join(', ')
  const more = running.length > mostNames ? `, ${running.length - mostNames} more` : ''
  const took = Math.round(performance.now() - began)
  output.print(`Atlas is up at ${local.url}: ${count} in ${took} ms (${names}${more}), ${local.placement}`)
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
