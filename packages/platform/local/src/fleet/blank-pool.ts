import type { HostProcess } from './host-process.ts'

/** How often in a row processes may fail to start before those who wait are told. */
const mostFailures = 3

/**
 * Processes that are ready to load a servlet. Starting one takes much longer than loading a servlet into it, so a few are
 * kept, and one is started for each that is taken. How many start at once is bounded: they would only slow each other down.
 */
export class BlankPool {
  readonly #make: () => HostProcess
  readonly #size: number
  readonly #atOnce: number
  readonly #failed: (error: Error) => void
  readonly #blank: HostProcess[] = []
  readonly #starting = new Set<HostProcess>()
  readonly #waiting: { resolve(host: HostProcess): void; reject(error: Error): void }[] = []
  #failures = 0
  #closed = false

  /**
   * @param size how many are kept
   * @param atOnce how many start at once
   * @param failed told when several in a row did not start: nothing is tried then until somebody needs one
   */
  constructor(make: () => HostProcess, size: number, atOnce: number, failed: (error: Error) => void) {
    this.#make = make
    this.#size = size
    this.#atOnce = atOnce
    this.#failed = failed
  }

  /** Starts processes until there are enough. */
  fill(): void {
    while (
      !this.#closed &&
      this.#starting.size < this.#atOnce &&
      this.#blank.length + this.#starting.size < this.#size + this.#waiting.length
    )
      this.#start()
  }

  /** A blank process, which is the caller's from here. @throws Error when none can be started, or it is over */
  take(): Promise<HostProcess> {
    if (this.#closed) return Promise.reject(closing())
    const host = this.#blank.shift()
    if (host) {
      this.fill()
      return Promise.resolve(host)
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.fill()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(closing())
    const all = [...this.#blank.splice(0), ...this.#starting]
    for (const host of all) host.kill()
    await Promise.all(all.map(({ ended }) => ended))
  }

  #start(): void {
    const host = this.#make()
    this.#starting.add(host)
    host.blank.then(
      () => {
        this.#starting.delete(host)
        this.#failures = 0
        const waiting = this.#waiting.shift()
        if (waiting) waiting.resolve(host)
        else this.#keep(host)
        this.fill()
      },
      (error: Error) => {
        this.#starting.delete(host)
        this.#failures++
        if (this.#failures >= mostFailures) {
          this.#failures = 0
          this.#failed(error)
          for (const { reject } of this.#waiting.splice(0)) reject(error)
        } else this.fill()
      },
    )
  }

  #keep(host: HostProcess): void {
    if (this.#closed) return
    this.#blank.push(host)
    // One that is killed while nobody uses it is replaced.
    void host.ended.then(() => {
      const index = this.#blank.indexOf(host)
      if (index < 0) return
      this.#blank.splice(index, 1)
      this.fill()
    })
  }
}

/** Why nothing is started any more. */
export function closing(): Error {
  return new Error('the platform is shutting down')
}
