import { type ChildProcess, spawn } from 'node:child_process'

/** How a command ended. */
export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface RunningCommand {
  readonly ended: Promise<Ended>
  /** Resolves when it has written something that matches; rejects when it ends before. */
  said(pattern: RegExp): Promise<void>
  /** Ends it and all that it started, as the kernel does when memory runs out: at once, and without a word. */
  kill(): void
}

/** Starts a command in a process group of its own. */
export function start(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): RunningCommand {
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let [stdout, stderr] = ['', '']
  const listeners = new Set<() => void>()
  const heard = () => {
    for (const listener of listeners) listener()
  }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    heard()
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    heard()
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? undefined, stdout, stderr }))
  })
  return {
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(stdout + stderr)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
        void ended.then(() => reject(new Error(`it ended without ${pattern}:\n${stdout}\n${stderr}`)), reject)
      }),
    kill: () => process.kill(-child.pid!, 'SIGKILL'),
  }
}
