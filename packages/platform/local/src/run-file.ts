import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isRunning } from '@atlas/postgres/is-running'

/** Where a running platform is, for the other commands. */
export interface RunFacts {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly placement: string
}

/**
 * Says in a file where this platform is. Of several over the same stores, the newest is the one that commands find; when it
 * ends, the one that it took the place of is found again, if that still runs.
 *
 * @returns what to call when this platform ends
 */
export function announceRun(file: string, facts: RunFacts): () => void {
  const earlier = readFacts(file)
  writeFacts(file, facts)
  return () => {
    // A newer one says now where it is.
    if (readFacts(file)?.pid !== facts.pid) return
    if (earlier && earlier.pid !== facts.pid && isRunning(earlier.pid)) writeFacts(file, earlier)
    else rmSync(file, { force: true })
  }
}

function readFacts(file: string): RunFacts | undefined {
  try {
    const facts = JSON.parse(readFileSync(file, 'utf8'))
    return typeof facts?.pid === 'number' ? facts : undefined
  } catch {
    // There is none, or it is not ours.
    return undefined
  }
}

/** In one step: a reader never sees half of it. */
function writeFacts(file: string, facts: RunFacts): void {
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.${process.pid}.partial`
  writeFileSync(partial, `${JSON.stringify(facts)}\n`)
  renameSync(partial, file)
}
