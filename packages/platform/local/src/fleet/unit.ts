import { AtlasError } from '@atlas/contract'
import type { Hop, UniversalRequest, UniversalResponse } from '@atlas/runtime'
import type { HostJob } from '../host/messages.ts'
import type { AskToken } from '../identity/tokens-held.ts'
import { closing } from './blank-pool.ts'
import { CrashLog } from './crash-log.ts'
import { HostKilled, type HostProcess, LoadFailed, type Ready } from './host-process.ts'
import type { FleetLimits } from './limits.ts'

/** Where a unit stands. */
export type UnitState = 'running' | 'asleep' | 'starting' | 'broken' | 'overloaded'

/** What a unit needs of the supervisor. */
export interface UnitSupport {
  readonly limits: FleetLimits
  /**
   * Waits until one more process may run; the result is called when it does, or failed to.
   *
   * @throws AtlasError `resource_exhausted` when that takes too long
   */
  room(unit: Unit): Promise<() => void>
  /** A blank process. */
  take(): Promise<HostProcess>
  /** The token by which one servlet calls another; undefined when that is not declared. */
  readonly token: AskToken
  /** What the unit's process is to run. @throws Error whose message says what is in the way */
  jobOf(unit: Unit): Promise<HostJob>
  /** The unit's servlets are ready in a process. */
  ready(unit: Unit, ready: Ready): void
  /** Takes a line that a process of the unit wrote. */
  line(unit: Unit, line: string, stream: 'stdout' | 'stderr'): void
  /** Something that people should know. @param name of a servlet, or of the unit */
  say(name: string, level: 'info' | 'error', message: string): void
}

/** How long after requests were refused a unit counts as overloaded. */
const overloadedMs = 5000

/** A unit that was closed was asked: its servlets are elsewhere now, or nowhere. */
export class UnitClosed extends AtlasError {
  constructor() {
    super('unavailable', 'the server is shutting down; try again', { data: soon })
  }
}

/** Servlets that share a process, and what becomes of it: asleep until somebody needs it, started, replaced, restarted. */
export class Unit {
  readonly name: string
  readonly servlets: readonly string[]
  readonly #support: UnitSupport
  readonly #crashes = new CrashLog()
  #current: HostProcess | undefined
  /** The one that loads the servlets, and that nobody asks yet. */
  #loading: HostProcess | undefined
  #starting: Promise<HostProcess> | undefined
  #replacing: Promise<void> | undefined
  /** Files changed while a process was loading them. */
  #stale = false
  #broken: { readonly reason: string; readonly until: number } | undefined
  /** Servlets of the unit that do not start while others do. */
  #partly: Readonly<Record<string, string>> = {}
  #files: ReadonlySet<string> = new Set()
  #waiting = 0
  #refusedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(name: string, servlets: readonly string[], support: UnitSupport) {
    this.name = name
    this.servlets = servlets
    this.#support = support
  }

  /** The process that answers, if there is one. */
  get host(): HostProcess | undefined {
    return this.#current
  }

  /** Whether nothing runs in its process, and nothing is about to. */
  get idle(): boolean {
    return (
      this.#current !== undefined && this.#current.inFlight === 0 && this.#waiting === 0 && !this.#replacing
    )
  }

  /** Whether it ends, and starts nothing any more. */
  get closed(): boolean {
    return this.#closed
  }

  stateOf(servlet: string): { readonly state: UnitState; readonly reason?: string } {
    const partly = this.#partly[servlet]
    if (partly !== undefined) return { state: 'broken', reason: partly }
    if (this.#current) {
      const overloaded = performance.now() - this.#refusedAt < overloadedMs
      return { state: overloaded ? 'overloaded' : 'running' }
    }
    if (this.#starting) return { state: 'starting' }
    return this.#broken ? { state: 'broken', reason: this.#broken.reason } : { state: 'asleep' }
  }

  /** Whether a file was loaded by its process, or by the last one that did not start. */
  loaded(file: string): boolean {
    return this.#files.has(file)
  }

  /**
   * Sends a request to the process, which is started for it. A request that changes nothing, and whose process is lost
   * before it answered, is sent to the next one.
   *
   * @throws AtlasError when it is not answered, with a hint when to come back where there is one
   * @throws UnitClosed when it was not sent because the unit was closed
   */
  async forward(servlet: string, request: UniversalRequest, hop: Hop): Promise<UniversalResponse> {
    const partly = this.#partly[servlet]
    if (partly !== undefined) throw notRunning(servlet, partly)
    for (let attempt = 1; ; attempt++) {
      const host = await this.#enter(servlet, request)
      try {
        return await host.upstream.forward(request, hop, servlet)
      } catch (error) {
        const safe = (request.method === 'GET' || request.method === 'HEAD') && request.body === undefined
        if (attempt > 1 || !safe || host.usable || request.scope.aborted) throw error
      }
    }
  }

  /** Starts its process, unless there is one. */
  start(): Promise<HostProcess> {
    if (this.#current) return Promise.resolve(this.#current)
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Ends its process when what runs is done; the next request starts another. */
  async sleep(): Promise<void> {
    const host = this.#current
    this.#current = undefined
    await host?.stop(this.#support.limits.drainMs)
  }

  /**
   * Files that it loaded, or may load, changed: a new process takes over from the one that runs, if it starts. Whatever was in the
   * way of a start before is forgotten.
   *
   * @param eager start although it sleeps, so that mistakes are said at once
   */
  async changed(eager: boolean): Promise<void> {
    this.#broken = undefined
    this.#crashes.forget()
    if (this.#starting || this.#replacing) {
      this.#stale = true
      await (this.#replacing ?? this.#starting?.then(() => this.#replacing).catch(() => {}))
    } else if (this.#current) await this.#replace()
    else if (eager) await this.start().catch(() => {}) // said by the start itself
  }

  /** Ends its process when what runs is done. What waits for one that starts is not sent. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    const host = this.#current
    this.#current = undefined
    this.#loading?.kill()
    await Promise.all([host?.stop(graceMs), this.#starting?.catch(() => {}), this.#replacing])
  }

  /** The process that a request is for. It counts from here on: nobody puts a process to sleep that is about to be asked. */
  async #enter(servlet: string, request: UniversalRequest): Promise<HostProcess> {
    const { scope } = request
    for (;;) {
      if (this.#closed) throw new UnitClosed()
      const host = this.#current
      if (host?.usable) {
        this.#count(host, servlet, request)
        return host
      }
      // Its connection is gone, and the news of its end is on the way.
      if (host) await orAborted(host.ended, scope)
      else {
        const broken = this.#broken
        if (broken && performance.now() < broken.until)
          throw notRunning(servlet, broken.reason, broken.until - performance.now())
        if (this.#waiting >= this.#support.limits.waiting) {
          this.#refusedAt = performance.now()
          throw new AtlasError(
            'resource_exhausted',
            `${servlet} is starting, and ${this.#waiting} requests wait for it already; try again later`,
            { data: soon },
          )
        }
        this.#waiting++
        try {
          await orAborted(this.start(), scope)
        } catch (error) {
          if (this.#closed && !scope.aborted) throw new UnitClosed()
          if (error instanceof LoadFailed) throw notRunning(servlet, error.message)
          throw error
        } finally {
          this.#waiting--
        }
      }
    }
  }

  #count(host: HostProcess, servlet: string, { scope }: UniversalRequest): void {
    if (host.inFlight >= this.#support.limits.inFlight) {
      this.#refusedAt = performance.now()
      throw new AtlasError(
        'resource_exhausted',
        `${servlet} is overloaded: ${host.inFlight} requests run already; try again later`,
        { data: soon },
      )
    }
    host.inFlight++
    host.usedAt = performance.now()
    scope.whenOver(() => {
      host.inFlight--
      host.usedAt = performance.now()
    })
  }

  async #launch(): Promise<HostProcess> {
    const started = await this.#support.room(this)
    try {
      const host = await this.#load()
      this.#become(host)
      if (this.#stale) void this.#replace()
      return host
    } catch (error) {
      const reason = messageOf(error)
      this.#broken = { reason, until: performance.now() + this.#crashes.failed() }
      if (!this.#closed) this.#support.say(this.name, 'error', `is not running: ${reason}`)
      if (this.#stale) {
        this.#stale = false
        this.#broken = undefined
      }
      throw error instanceof LoadFailed ? error : new LoadFailed(reason, [])
    } finally {
      started()
    }
  }

  async #load(): Promise<HostProcess> {
    this.#stale = false
    try {
      return await this.#loadOnce()
    } catch (error) {
      // That somebody else killed the process says nothing about the servlets.
      if (!(error instanceof HostKilled) || this.#closed) throw error
      return this.#loadOnce()
    }
  }

  async #loadOnce(): Promise<HostProcess> {
    const job = await this.#support.jobOf(this)
    const host = await this.#support.take()
    if (this.#closed) {
      host.kill()
      throw closing()
    }
    this.#loading = host
    host.onLine = (line, stream) => this.#support.line(this, line, stream)
    host.onToken = this.#support.token
    try {
      const ready = await host.load(job, this.#support.limits.startMs)
      const lost = Object.entries(ready.broken).find(([name]) => this.#current && !(name in this.#partly))
      if (lost) throw new LoadFailed(lost[1], ready.files, lost[0])
      this.#files = new Set(ready.files)
      for (const [name, reason] of Object.entries(ready.broken))
        if (this.#partly[name] !== reason) this.#support.say(name, 'error', `is not running: ${reason}`)
      this.#partly = ready.broken
      this.#support.ready(this, ready)
      return host
    } catch (error) {
      host.kill()
      // What is still loaded counts, too: a change of either may help.
      if (error instanceof LoadFailed) this.#files = new Set([...this.#files, ...error.files])
      throw error
    } finally {
      this.#loading = undefined
    }
  }

  #become(host: HostProcess): void {
    if (this.#closed) {
      host.kill()
      throw closing()
    }
    this.#current = host
    this.#broken = undefined
    host.usedAt = performance.now()
    void host.ended.then((reason) => {
      if (this.#current === host) this.#current = undefined
      if (!host.stopping) this.#ended(reason, host.killed)
    })
  }

  #ended(reason: string, killed: boolean): void {
    const pause = this.#crashes.ended(killed ? 'killed' : 'crashed')
    if (pause === undefined)
      this.#support.say(this.name, 'error', `${reason}; the next request starts it again`)
    else {
      const { times, withinMs, pauseMs } = pause
      const why = `${killed ? 'was killed' : 'crashed'} ${times} times in ${withinMs / 1000} s; the last time it ${reason}`
      this.#broken = { reason: why, until: performance.now() + pauseMs }
      this.#support.say(
        this.name,
        'error',
        `is not running: it ${why}; not started again for ${pauseMs / 1000} s`,
      )
    }
  }

  #replace(): Promise<void> {
    this.#replacing ??= this.#takeOver().finally(() => {
      this.#replacing = undefined
    })
    return this.#replacing
  }

  async #takeOver(): Promise<void> {
    do {
      const began = performance.now()
      try {
        const host = await this.#load()
        const old = this.#current
        this.#become(host)
        void old?.stop(this.#support.limits.drainMs)
        const ms = Math.round(performance.now() - began)
        this.#support.say(this.name, 'info', `reloaded in ${ms} ms`)
      } catch (error) {
        if (this.#closed) return
        const name = (error instanceof LoadFailed ? error.servlet : undefined) ?? this.name
        this.#support.say(name, 'error', `is not reloaded, and runs as before: ${messageOf(error)}`)
      }
    } while (this.#stale && !this.#closed)
  }
}

function notRunning(servlet: string, reason: string, retryAfterMs?: number): AtlasError {
  const data = retryAfterMs === undefined ? undefined : { retryAfterMs: Math.ceil(retryAfterMs) }
  return new AtlasError('unavailable', `${servlet} is not running: ${reason}`, { data })
}

/** When to come back to what is busy now. */
const soon = { retryAfterMs: 1000 }

/** The promise, or the reason why its request was given up. */
function orAborted<T>(promise: Promise<T>, { signal }: UniversalRequest['scope']): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
