import { AtlasError } from '@atlas/contract'
import type { Priority } from './priority.ts'
import type { Ticket } from './ticket.ts'

/** What is known of somebody who waits. */
export interface WaitingInit {
  readonly priority: Priority
  readonly sinceMs: number
  /** In milliseconds since 1970. */
  readonly deadline: number | undefined
  readonly signal: AbortSignal | undefined
  /** Told when the signal aborts. */
  readonly leave: (waiting: Waiting) => void
}

/** A request that waits for a ticket. It is a link of its list as well, so that waiting costs little. */
export class Waiting {
  previous: Waiting | undefined = undefined
  next: Waiting | undefined = undefined
  readonly ticket: Promise<Ticket>
  readonly init: WaitingInit
  #resolve!: (ticket: Ticket) => void
  #reject!: (error: AtlasError) => void

  constructor(init: WaitingInit) {
    this.init = init
    this.ticket = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    init.signal?.addEventListener('abort', this)
  }

  /** Of the signal. */
  handleEvent(): void {
    this.init.leave(this)
    this.refuse(AtlasError.from(this.init.signal!.reason))
  }

  admit(ticket: Ticket): void {
    this.init.signal?.removeEventListener('abort', this)
    this.#resolve(ticket)
  }

  refuse(error: AtlasError): void {
    this.init.signal?.removeEventListener('abort', this)
    this.#reject(error)
  }
}
