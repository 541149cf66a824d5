import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server of the bench: a file in `servers/` and what it is started with. */
export interface ServerFile {
  readonly file: string
  readonly args?: readonly string[]
}

/** A server that runs in a process of its own. */
export interface RunningServer {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Starts a server.
 *
 * @param core the one core that it may use; undefined for any
 * @throws Error with what it wrote when it does not start
 */
export async function startServer(
  { file, args = [] }: ServerFile,
  options: { readonly core?: number | undefined; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningServer> {
  const node = [process.execPath, join(import.meta.dirname, 'servers', file), ...args]
  const [command, ...rest] =
    options.core === undefined ? node : ['taskset', '-c', String(options.core), ...node]
  const child = spawn(command!, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...options.env },
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000)
  })
  const lines = createInterface(child.stdout)
  const port = await Promise.race([
    once(lines, 'line').then(([line]) => (JSON.parse(line as string) as { port: number }).port),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ${args.join(' ')} did not start (exit code ${code}):\n${errors}`)
    }),
  ])
  return { port, pid: child.pid!, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
