import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { Company } from './company.ts'

const bin = resolve(import.meta.dirname, '../src/bin.ts')

/** A running `atlas start`. Leaving its block ends it. */
export interface Platform extends AsyncDisposable {
  readonly url: string
  readonly process: ChildProcess
  output(): string
  /** Waits until the output has a text. */
  said(text: string | RegExp): Promise<void>
  readonly exit: Promise<number | null>
}

/** `atlas start`, up. */
export async function start(company: Company, ...args: string[]): Promise<Platform> {
  const child = spawn(process.execPath, [bin, 'start', '--port', '0', ...args], { cwd: company.root })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  const said = async (text: string | RegExp) => {
    const has = () => (typeof text === 'string' ? output.includes(text) : text.test(output))
    for (let waitedMs = 0; !has(); waitedMs += 20) {
      if (child.exitCode !== null || waitedMs > 120_000) throw new Error(`never said ${text}:\n${output}`)
      await new Promise((done) => setTimeout(done, 20))
    }
  }
  await said(/Atlas is up at \S+:/)
  return {
    url: /Atlas is up at (http:\S+):/.exec(output)![1]!,
    process: child,
    output: () => output,
    said,
    exit,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exit
    },
  }
}
