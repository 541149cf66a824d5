import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs a function while holding a lock on a file, after waiting for whoever holds it. A child of util-linux's `flock` holds
 * the lock and ends with its standard input, so the kernel frees it however this process dies.
 *
 * @param signal ends the waiting; what runs already is not its business
 * @throws Error when `flock` cannot be run, and the reason of the signal
 */
export async function locked<Result>(
  file: string,
  run: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  signal?.throwIfAborted()
  // Detached: a Ctrl-C in the terminal reaches the whole process group and must not free the lock before we are done.
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const ended = new Promise<Error | undefined>((resolve) => {
    holder.once('error', (error) => resolve(error))
    holder.once('close', () => resolve(undefined))
  })
  const giveUp = () => holder.kill()
  signal?.addEventListener('abort', giveUp, { once: true })
  const first = await Promise.race([once(holder.stdout, 'data'), ended])
  signal?.removeEventListener('abort', giveUp)
  if (!Array.isArray(first)) signal?.throwIfAborted()
  if (!Array.isArray(first)) {
    throw new Error(
      `${file} could not be locked${first ? `: ${first.message}` : ''}. The command "flock" (package util-linux) is needed, and the folder must be writable`,
    )
  }
  try {
    return await run()
  } finally {
    holder.stdin.end()
    await ended
  }
}
