import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { createInterface } from 'node:readline'

/** How a command of a recipe runs. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** File that gets everything the command prints. */
  readonly log: string
  /** Niceness, 0 to 19. */
  readonly nice?: number
  /** Called with every line that is printed. */
  readonly onLine?: (line: string) => void
  /** Ends the command, with all that it started. */
  readonly signal?: AbortSignal
}

/** How many of the last lines of a log an error shows. */
const shownLines = 12

/**
 * Runs a command and resolves with its standard output.
 *
 * @throws Error with the last lines of the log and its path when it cannot be run or exits non-zero.
 */
export async function command(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  options.signal?.throwIfAborted()
  const log = createWriteStream(options.log, { flags: 'a' })
  log.write(`$ ${[program, ...args].join(' ')}\n`)
  // The kernel ends the command when this process is killed, so that a build never goes on unseen. A group of its own, so that
  // ending it reaches the compilers that it started.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  const abort = () => child.pid !== undefined && endGroup(child.pid)
  options.signal?.addEventListener('abort', abort, { once: true })
  if (child.pid !== undefined && options.nice !== undefined) lower(child.pid, options.nice)
  const stdout: string[] = []
  const lines = (['stdout', 'stderr'] as const).map((stream) => {
    const reader = createInterface({ input: child[stream], crlfDelay: Number.POSITIVE_INFINITY })
    reader.on('line', (line) => {
      log.write(`${line}\n`)
      if (stream === 'stdout') stdout.push(line)
      options.onLine?.(line)
    })
    return once(reader, 'close')
  })
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `exit code ${code ?? `none, ended by ${signal}`}`),
    )
  })
  options.signal?.removeEventListener('abort', abort)
  await Promise.all(lines)
  await new Promise<void>((resolve) => log.end(resolve))
  options.signal?.throwIfAborted()
  if (failure !== undefined) {
    const tail = (await readFile(options.log, 'utf8')).trimEnd().split('\n').slice(-shownLines)
    throw new Error(
      `${program} ${args[0] ?? ''} failed (${failure}). The log is ${options.log}; it ends with\n${tail.map((line) => `  ${line}`).join('\n')}`,
    )
  }
  return stdout.join('\n')
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Lowers the priority of a process that has just started, with all that it starts; one that is gone already needs none. Linux
 * shares processors out among sessions first where it groups by them (`sched_autogroup_enabled`), and niceness then counts
 * only within a session: so the session, which is one of its own, gets it too.
 */
function lower(pid: number, nice: number): void {
  try {
    setPriority(pid, Math.min(nice, constants.priority.PRIORITY_LOW))
    writeFileSync(`/proc/${pid}/autogroup`, `${nice}`)
  } catch (error) {
    const { code } = error as { code?: string }
    // Of the system's errors: the process has ended, sessions are no groups here, or were changed a moment ago.
    if (
      !['ERR_SYSTEM_ERROR', 'ENOENT', 'ESRCH', 'EINVAL', 'EACCES', 'EPERM', 'EAGAIN'].includes(code ?? '')
    ) {
      throw error
    }
  }
}
