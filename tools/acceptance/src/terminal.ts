import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

/** Where commands run. */
export interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A command that ended. */
export interface Ended {
  readonly exitCode: number
  /** What it printed, on stdout and stderr, in the order it came. */
  readonly output: string
}

/** Runs one command in a shell until it ends; one that takes too long is killed with all that it started. */
export async function run(command: string, place: Place, timeoutMs: number): Promise<Ended> {
  const running = start(command, place)
  const ended = await Promise.race([running.ended, wait(timeoutMs, undefined, { ref: false })])
  if (ended) return ended
  await running.kill()
  throw new Error(`'${command}' did not end within ${timeoutMs} ms:\n${running.output()}`)
}

/** A command that runs in the background. */
export interface Running extends AsyncDisposable {
  readonly ended: Promise<Ended>
  /** What it printed so far. */
  output(): string
  /** Resolves to the first match in its output. @throws Error when it ends before, or takes too long */
  says(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>
  /** Interrupts it as Ctrl-C does, kills it if that does not help, and says which it took. */
  stop(): Promise<'interrupted' | 'killed'>
  /** Ends it at once. */
  kill(): Promise<void>
}

const graceMs = 20_000

const alive = new Set<ChildProcess>()
// Groups of their own outlive a test run that is interrupted, unless somebody ends them.
process.on('exit', () => {
  for (const child of alive) signal(child, 'SIGKILL')
})

/** Starts a command in a shell. It has a process group of its own, so that it can be ended with all that it started. */
export function start(command: string, { cwd, env }: Place): Running {
  const child = spawn('bash', ['-c', command], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let printed = ''
  const collect = (chunk: Buffer) => {
    printed += chunk
  }
  // Some tools print colours wherever they run.
  const output = () => stripVTControlCharacters(printed)
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  alive.add(child)
  const ended = once(child, 'close').then(([code]): Ended => {
    alive.delete(child)
    return { exitCode: code ?? 1, output: output() }
  })
  const kill = async () => {
    signal(child, 'SIGKILL')
    await ended
  }
  const stop = async () => {
    signal(child, 'SIGINT')
    const inTime = await Promise.race([ended, wait(graceMs, undefined, { ref: false })])
    // The shell may be gone while something that it started is not.
    await kill()
    return inTime ? ('interrupted' as const) : ('killed' as const)
  }
  return {
    ended,
    output,
    async says(pattern, timeoutMs) {
      for (const until = Date.now() + timeoutMs; ; await wait(50)) {
        const match = pattern.exec(output())
        if (match) return match
        const over = child.exitCode !== null || child.signalCode !== null
        if (over || Date.now() > until)
          throw new Error(`'${command}' ${over ? 'ended' : 'ran'} without saying ${pattern}:\n${output()}`)
      }
    },
    stop,
    kill,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
