import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const bin = resolve(import.meta.dirname, '../../../../packages/platform/cli/src/bin.ts')

/** A row of the gateway's `/-/servlets`. */
export interface ServletRow {
  readonly name: string
  readonly state: string
  readonly pid: number | null
  readonly memoryMiB: number
}

/** `atlas start`, up. */
export interface StartedPlatform extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** From the start of the process to the line that says that it is up. */
  readonly bootMs: number
  servlets(): Promise<readonly ServletRow[]>
}

const slowestMs = 120_000

/** Starts the platform in a workspace; leaving its block ends it and all that it started. */
export async function startPlatform(root: string, args: readonly string[]): Promise<StartedPlatform> {
  const began = performance.now()
  const child = spawn(process.execPath, [bin, 'start', '--port', '0', ...args], {
    cwd: join(root),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await said(child, /Atlas is up at (http:\S+):/)
  const bootMs = performance.now() - began
  return {
    url,
    pid: child.pid!,
    bootMs,
    servlets: async () =>
      ((await (await fetch(`${url}/-/servlets`)).json()) as { servlets: ServletRow[] }).servlets,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const ended = once(child, 'exit')
      if (await Promise.race([ended.then(() => true), wait(20_000, false, { ref: false })])) return
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** What a process said that matches, of which the first group counts. @throws Error when it ends or takes too long */
export function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    let found = false
    const timer = setTimeout(
      () => reject(new Error(`nothing said for ${slowestMs} ms:\n${output}`)),
      slowestMs,
    )
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        // Read on for as long as it runs, or it would wait for its reader.
        if (found) return
        output += text
        const match = pattern.exec(output)
        if (!match) return
        found = true
        clearTimeout(timer)
        resolve(match[1]!)
      })
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`ended too early:\n${output}`))
    })
  })
}
