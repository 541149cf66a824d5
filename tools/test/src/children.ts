import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Where a line was printed. */
export type Stream = 'stdout' | 'stderr'

/** How a command is run. */
export interface ShowOptions {
  /** Variables in addition to those of every command. */
  readonly env?: NodeJS.ProcessEnv
  /** What of its output is shown. */
  readonly shows?: 'all' | 'errors'
}

/** How long children have to end after an interrupt before they are killed. */
const graceMs = 5_000

/** Runs commands one after another, shows what they print, and ends them, with all that they started, when interrupted. */
export class Children {
  readonly #env: NodeJS.ProcessEnv
  readonly #cwd: string
  readonly #running = new Set<ChildProcess>()
  #killer: NodeJS.Timeout | undefined

  constructor({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#cwd = cwd
    this.#env = env
  }

  /** Runs a command and resolves with its exit code; a command that cannot start or dies by a signal has code 1. */
  run(
    command: string,
    args: readonly string[],
    onLine: (line: string, stream: Stream) => void = () => {},
    { env = {}, shows = 'all' }: ShowOptions = {},
  ): Promise<number> {
    // A process group of its own, so that a signal to it reaches the grandchildren too.
    const child = spawn(command, args, {
      cwd: this.#cwd,
      env: { ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#running.add(child)
    if (shows === 'all') child.stdout.pipe(process.stdout, { end: false })
    child.stderr.pipe(process.stderr, { end: false })
    const read = (['stdout', 'stderr'] as const).map((stream) => {
      const lines = createInterface({ input: child[stream], crlfDelay: Number.POSITIVE_INFINITY })
      lines.on('line', (line) => onLine(line, stream))
      return once(lines, 'close')
    })
    return new Promise((resolve) => {
      child.once('error', (error) => {
        process.stderr.write(`${command} could not be started: ${error.message}\n`)
        this.#running.delete(child)
        resolve(1)
      })
      child.once('close', async (exitCode) => {
        this.#running.delete(child)
        await Promise.all(read)
        resolve(exitCode ?? 1)
      })
    })
  }

  /** Passes a signal on to everything that runs, and kills what is still there some seconds later. */
  end(signal: NodeJS.Signals): void {
    for (const child of this.#running) kill(child, signal)
    this.#killer ??= setTimeout(() => {
      for (const child of this.#running) kill(child, 'SIGKILL')
    }, graceMs)
    this.#killer.unref()
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
