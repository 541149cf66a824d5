import type { Outcome } from './outcome.ts'

/** What a ticket is handed back to. */
export interface TicketOffice {
  leave(startedMs: number, outcome: Outcome, awayMs: number): void
}

/** The right to run. Whoever has it hands it back with `done`, once, whatever happens. */
export class Ticket {
  /** How long it was waited for. */
  readonly waitedMs: number
  readonly #startedMs: number
  #office: TicketOffice | undefined

  constructor(office: TicketOffice, startedMs: number, waitedMs: number) {
    this.#office = office
    this.#startedMs = startedMs
    this.waitedMs = waitedMs
  }

  /**
   * The handler is through; also one that nobody waits for any more, as it takes its share until then. Further calls
   * change nothing.
   *
   * @param awayMs how much of its time it waited for others, which says nothing about the load here
   */
  done(outcome: Outcome, awayMs = 0): void {
    const office = this.#office
    this.#office = undefined
    office?.leave(this.#startedMs, outcome, awayMs)
  }
}
