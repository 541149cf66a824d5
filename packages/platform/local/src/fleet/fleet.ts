import { setTimeout } from 'node:timers/promises'
import { AtlasError } from '@atlas/contract'
import type { CallCount, Forward } from '@atlas/runtime'
import type { HostJob } from '../host/messages.ts'
import { BlankPool, closing } from './blank-pool.ts'
import { callsTogether } from './calls-together.ts'
import { HostProcess, type OnLine, type Ready } from './host-process.ts'
import type { FleetLimits } from './limits.ts'
import { useOf } from './process-memory.ts'
import { Unit, UnitClosed, type UnitSupport } from './unit.ts'

/** Options of a {@link Fleet}. */
export interface FleetOptions {
  readonly limits: FleetLimits
  /** The folder that processes run in. */
  readonly cwd: string
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Where Node keeps code that it compiled. */
  readonly cache: string
  readonly jobOf: (unit: Unit) => Promise<HostJob>
  readonly token: UnitSupport['token']
  readonly ready: (unit: Unit, ready: Ready) => void
  readonly line: (unit: Unit, ...line: Parameters<OnLine>) => void
  readonly say: UnitSupport['say']
  /** Something that concerns all servlets. */
  readonly note: (message: string) => void
}

/** How often processes are looked at. */
const sweepMs = 1000

/** How long a request may wait for another servlet to be done, so that its own may start. */
const roomMs = 30_000
const roomCheckMs = 50

/** All processes of a supervisor. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #pool: BlankPool
  readonly #support: UnitSupport
  #units: readonly Unit[] = []
  #byServlet = new Map<string, Unit>()
  /** Units that were given room and have no process yet. */
  #coming = 0
  readonly #ending = new Set<Promise<void>>()
  /** Processes that were given servlets and have not ended. */
  readonly #hosts = new Set<HostProcess>()
  /** What servlets called in processes that are over. */
  #called: readonly CallCount[] = []
  readonly #sweeping: NodeJS.Timeout
  #memoryMiB = 0

  constructor(options: FleetOptions) {
    this.#options = options
    const { cwd, variables, cache, limits } = options
    this.#pool = new BlankPool(
      () => new HostProcess({ cwd, variables, cache }),
      limits.blanks,
      limits.starts,
      ({ message }) => options.note(`no process can be started for a servlet: a new one ${message}`),
    )
    this.#support = {
      limits,
      room: (unit) => this.#room(unit),
      take: async () => this.#known(await this.#pool.take()),
      jobOf: options.jobOf,
      token: options.token,
      ready: options.ready,
      line: options.line,
      say: options.say,
    }
    this.#sweeping = setInterval(() => void this.#sweep(), sweepMs).unref()
  }

  get units(): readonly Unit[] {
    return this.#units
  }

  unitOf(servlet: string): Unit | undefined {
    return this.#byServlet.get(servlet)
  }

  /** Places servlets. Units that stay as they are keep their processes; those that are gone finish what runs. */
  place(groups: ReadonlyMap<string, readonly string[]>): void {
    const known = new Map(this.#units.map((unit) => [unit.name, unit]))
    this.#units = [...groups].map(([name, servlets]) => {
      const unit = known.get(name)
      if (unit && sameItems(unit.servlets, servlets)) {
        known.delete(name)
        return unit
      }
      return new Unit(name, servlets, this.#support)
    })
    for (const gone of known.values()) this.#end(gone.close(this.#options.limits.drainMs))
    this.#byServlet = new Map(this.#units.flatMap((unit) => unit.servlets.map((name) => [name, unit])))
  }

  readonly forward: Forward = async (servlet, request, hop) => {
    for (;;) {
      const unit = this.#byServlet.get(servlet)
      if (!unit) throw new AtlasError('unavailable', `${servlet} is not running: it is gone`)
      try {
        return await unit.forward(servlet, request, hop)
      } catch (error) {
        // It waited for a process of a unit that is no more: groups were changed.
        if (!(error instanceof UnitClosed) || this.#byServlet.get(servlet) === unit) throw error
      }
    }
  }

  /** Begins to keep blank processes. */
  warm(): void {
    this.#pool.fill()
  }

  /** Memory of all processes when it was last looked at. */
  get memoryMiB(): number {
    return this.#memoryMiB
  }

  /** What servlets called of each other since the start, in processes that are over too. */
  async calls(): Promise<CallCount[]> {
    await Promise.all([...this.#hosts].map((host) => host.count()))
    return callsTogether([...[...this.#hosts].flatMap(({ counts }) => counts), ...this.#called])
  }

  #known(host: HostProcess): HostProcess {
    this.#hosts.add(host)
    void host.ended.then(() => {
      this.#hosts.delete(host)
      this.#called = callsTogether([...this.#called, ...host.counts])
    })
    return host
  }

  async close(graceMs: number): Promise<void> {
    clearInterval(this.#sweeping)
    await Promise.all([
      this.#pool.close(),
      ...this.#units.map((unit) => unit.close(graceMs)),
      ...this.#ending,
    ])
  }

  #end(ending: Promise<void>): void {
    const noted = ending.catch(() => {}).finally(() => this.#ending.delete(noted))
    this.#ending.add(noted)
  }

  async #room(unit: Unit): Promise<() => void> {
    const until = performance.now() + roomMs
    while (!this.#fits()) {
      if (unit.closed) throw closing()
      if (this.#sleepLeastUsed()) continue
      if (performance.now() > until)
        throw new AtlasError(
          'resource_exhausted',
          `${unit.name} cannot start: as many servlets are busy as fit on this machine; try again later`,
          { data: { retryAfterMs: 2000 } },
        )
      await setTimeout(roomCheckMs)
    }
    this.#coming++
    return () => {
      this.#coming--
    }
  }

  #fits(): boolean {
    const { awake, memoryMiB } = this.#options.limits
    const running = this.#units.filter(({ host }) => host).length
    const coming = this.#coming + 1
    // One can always run, whatever the budget.
    if (running + coming === 1) return true
    const expectedMiB = this.#memoryMiB * (1 + coming / Math.max(1, running))
    return running + coming <= awake && expectedMiB <= memoryMiB
  }

  /** Puts the unit to sleep that was not used for longest. @returns whether there was one */
  #sleepLeastUsed(): boolean {
    let least: Unit | undefined
    for (const unit of this.#units)
      if (unit.idle && (!least || unit.host!.usedAt < least.host!.usedAt)) least = unit
    if (!least) return false
    // What it frees is known with the next look; until then it is taken for an average one.
    this.#memoryMiB *= 1 - 1 / this.#units.filter(({ host }) => host).length
    this.#end(least.sleep())
    return true
  }

  async #sweep(): Promise<void> {
    const { idleMs, memoryMiB } = this.#options.limits
    const now = performance.now()
    // One that is killed says nothing any more, so it is asked while it is used.
    for (const host of this.#hosts) if (host.usedAt > host.countedAt) void host.count()
    for (const unit of this.#units) if (unit.idle && now - unit.host!.usedAt > idleMs) this.#end(unit.sleep())
    const uses = await Promise.all(
      this.#units.flatMap(({ host }) => (host?.pid === undefined ? [] : [useOf(host.pid)])),
    )
    this.#memoryMiB = uses.reduce((sum, use) => sum + (use?.memoryMiB ?? 0), 0)
    while (this.#memoryMiB > memoryMiB && this.#sleepLeastUsed());
  }
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
