import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type CallCount, Upstream } from '@atlas/runtime'
import type { FromHost, HostJob, ToHost } from '../host/messages.ts'
import type { AskToken } from '../identity/tokens-held.ts'

/** What a host said when its servlets were ready. */
export type Ready = Extract<FromHost, { kind: 'ready' }>

/** A host did not get its servlets ready. */
export class LoadFailed extends Error {
  /** Files that were loaded before it failed. */
  readonly files: readonly string[]
  /** The one that is in the way, where several were to start. */
  readonly servlet: string | undefined

  constructor(reason: string, files: readonly string[], servlet?: string) {
    super(reason)
    this.files = files
    this.servlet = servlet
  }
}

/** Somebody else killed a host while it got its servlets ready: a person, or the kernel for want of memory. */
export class HostKilled extends LoadFailed {}

/** Takes a line that a process wrote. */
export type OnLine = (line: string, stream: 'stdout' | 'stderr') => void

/** Options of every process that a supervisor starts. */
export interface HostProcessOptions {
  /** The folder that servlets find themselves in. */
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Where Node keeps code that it compiled. */
  readonly cache: string
}

const main = join(import.meta.dirname, '../host', `main${import.meta.filename.slice(-3)}`)

/** A small nursery for young objects: a quarter of the memory of an idle process is its default size (16 MiB). */
const flags = ['--max-semi-space-size=2', '--disable-warning=ExperimentalWarning']

/** Lines of the error stream that are kept, to say why a process ended. */
const keptLines = 40

/** How long a process may take to say what its servlets called; what it said before counts then. */
const countsMs = 2000

/** How long a process that was told to end may take, beyond what it was given for its requests. */
const endMs = 2000

/** A process of the supervisor's: blank at first, then with the servlets it was told to load, then over. */
export class HostProcess {
  /** Requests that run in it, as the gateway counts them. */
  inFlight = 0
  /** When it had its last request, by `performance.now()`. */
  usedAt = performance.now()
  /** Resolves when it is there and blank, rejects when it ends before. */
  readonly blank: Promise<void>
  /** Resolves to why it ended. */
  readonly ended: Promise<string>
  onLine: OnLine = () => {}
  /** Says by which token a servlet that it runs may call another; undefined when that is not declared. */
  onToken: AskToken = async () => undefined
  /** What its servlets called, as it last said. */
  counts: readonly CallCount[] = []
  /** When it was last asked for that, by `performance.now()`. */
  countedAt = Number.NEGATIVE_INFINITY
  readonly #counting = new Map<number, () => void>()
  #questions = 0
  readonly #child: ChildProcess
  readonly #errors: string[] = []
  #upstream: Upstream | undefined
  #answer: ((message: FromHost) => void) | undefined
  #servlets: ReadonlySet<string> = new Set()
  #over = false
  #stopping = false

  constructor({ cwd, variables, cache }: HostProcessOptions) {
    const child = spawn(process.execPath, [...flags, main], {
      cwd,
      env: { ...variables, NODE_COMPILE_CACHE: cache },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#read(child.stdout!, 'stdout')
    this.#read(child.stderr!, 'stderr')
    child.on('message', (message: FromHost) => {
      if (message.kind === 'token') void this.#giveToken(message)
      else if (message.kind === 'calls') this.#count(message)
      else this.#answer?.(message)
    })
    const closed = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        this.#errors.push(error.message)
        resolve()
      })
      child.once('close', () => resolve())
      // A grandchild may hold the pipes open; what it writes is no reason to wait.
      child.once('exit', () => setTimeout(resolve, 500).unref())
    })
    this.ended = closed.then(() => {
      this.#over = true
      this.#upstream?.destroy()
      for (const done of this.#counting.values()) done()
      return this.#reason()
    })
    this.blank = this.#next((message) => (message.kind === 'blank' ? undefined : false))
    this.blank.catch(() => {})
  }

  /** Whether requests can be sent to it. */
  get usable(): boolean {
    return !this.over && this.#upstream?.usable === true
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it has ended, or is about to. */
  get over(): boolean {
    return this.#over || this.#stopping
  }

  /** Whether it was told to end. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** Only for servlets that it was told to load: another's token is not for it. */
  async #giveToken({ question, caller, callee }: Extract<FromHost, { kind: 'token' }>): Promise<void> {
    const token = this.#servlets.has(caller)
      ? await this.onToken(caller, callee).catch(() => undefined)
      : undefined
    this.#tell({ kind: 'token', question, token })
  }

  /** Whether somebody else killed it: a person, or the kernel for want of memory. */
  get killed(): boolean {
    return this.#child.signalCode === 'SIGKILL' && !this.#stopping
  }

  /** Loads servlets. @throws LoadFailed when they do not start, or the process ends */
  async load(job: HostJob, timeoutMs: number): Promise<Ready> {
    await this.blank
    this.#servlets = new Set(job.servlets.map(({ entry }) => entry.name))
    this.#tell({ kind: 'load', job })
    const ready = await this.#next((message) => {
      if (message.kind === 'failed') throw new LoadFailed(message.reason, message.files)
      return message.kind === 'ready' ? message : false
    }, timeoutMs)
    this.#upstream = new Upstream(job.socket)
    return ready
  }

  /** The connection to it. Only after {@link load}. */
  get upstream(): Upstream {
    return this.#upstream!
  }

  /** Has it say what its servlets called, into {@link counts}. Never rejects. */
  async count(): Promise<void> {
    if (this.over) return
    this.countedAt = performance.now()
    const question = this.#questions++
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, countsMs)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#counting.set(question, done)
      this.#tell({ kind: 'calls', question })
    })
    this.#counting.delete(question)
  }

  #count({ question, counts }: Extract<FromHost, { kind: 'calls' }>): void {
    this.counts = counts
    if (question !== undefined) this.#counting.get(question)?.()
  }

  /** Tells it to finish what runs and to end; kills it when it does not. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#stopping) {
      void this.count()
      this.#stopping = true
      this.#upstream?.close()
      this.#tell({ kind: 'close', graceMs })
    }
    const timer = setTimeout(() => this.kill(), graceMs + endMs)
    await this.ended
    clearTimeout(timer)
  }

  kill(): void {
    this.#stopping = true
    this.#child.kill('SIGKILL')
  }

  #tell(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => {}) // whoever waits for it hears that it ended
  }

  /** The first message that `pick` takes: it returns false for others. */
  #next<T>(pick: (message: FromHost) => T | false, timeoutMs?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(
              () => reject(new LoadFailed(`does not start within ${timeoutMs / 1000} s`, [])),
              timeoutMs,
            )
      this.#answer = (message) => {
        try {
          const picked = pick(message)
          if (picked === false) return
          clearTimeout(timer)
          resolve(picked)
        } catch (error) {
          clearTimeout(timer)
          reject(error)
        }
      }
      void this.ended.then((reason) => {
        clearTimeout(timer)
        reject(this.killed ? new HostKilled(reason, []) : new LoadFailed(reason, []))
      })
    })
  }

  #read(stream: Readable, name: 'stdout' | 'stderr'): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      if (name === 'stderr') {
        this.#errors.push(line)
        if (this.#errors.length > keptLines) this.#errors.shift()
      }
      this.onLine(line, name)
    })
  }

  /** Why it ended, in part of a sentence. */
  #reason(): string {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined) return `cannot be started: ${this.#errors.at(-1)}`
    const thrown = this.#errors.find((line) => /^(Uncaught )?([A-Z]\w*)?(Error|Exception)\b/.test(line))
    if (thrown !== undefined) return `ended by ${thrown}`
    const memory = this.#errors.some((line) => /heap out of memory/i.test(line))
    if (memory) return 'ended because its memory was full'
    if (signalCode !== null) return `was killed (${signalCode})`
    // Node says there which of its options it does not know, and programs what they miss.
    const last = exitCode === 0 ? undefined : this.#errors.findLast((line) => said(line))?.trim()
    return `ended with exit code ${exitCode}${last === undefined ? '' : `: ${last}`}`
  }
}

/** Whether a line of the error stream says something, and is not what Node ends with, or a warning. */
function said(line: string): boolean {
  return line.trim() !== '' && !/^(Node\.js v|\((Use|node:))/.test(line)
}
