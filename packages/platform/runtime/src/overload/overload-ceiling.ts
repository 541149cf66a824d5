/** What says that the process is overloaded. */
export interface OverloadSign {
  /** For how many looks in a row it was; 0 when it is not. Asking is a sign that there are requests. */
  overloadedFor(): number
  /**
   * Whether this turn of the event loop is used up; asked while the process is overloaded. @default never
   *
   * @param least how many are let in in each turn, however late it is
   */
  turnSpent?(least: number): boolean
}

/** By how much fewer may run each time that the process is still overloaded. */
const shrink = 0.9

/** How many may run while the process is overloaded: as many as ran, then fewer while that does not help. */
export class OverloadCeiling {
  readonly #sign: OverloadSign | undefined
  readonly #floor: number
  #looks = 0
  #ceiling = 0

  /**
   * @param floor as many may always run: refusing and accepting make the loop late too, and while they do, fewer that run would
   * not make it less late, only the server idle
   */
  constructor(sign: OverloadSign | undefined, floor: number) {
    this.#sign = sign
    this.#floor = floor
  }

  /** Whether the process is overloaded, and has done enough in this turn of its event loop. */
  turnSpent(): boolean {
    const sign = this.#sign
    return sign?.turnSpent !== undefined && sign.overloadedFor() > 0 && sign.turnSpent(this.#floor)
  }

  /** Infinity while the process is not overloaded; else the floor at least. */
  ceiling(inFlight: number): number {
    const looks = this.#sign === undefined ? 0 : this.#sign.overloadedFor()
    if (looks === 0) {
      this.#looks = 0
      return Number.POSITIVE_INFINITY
    }
    if (this.#looks === 0 || looks < this.#looks) this.#ceiling = inFlight
    else this.#ceiling *= shrink ** (looks - this.#looks)
    this.#looks = looks
    return Math.max(this.#floor, this.#ceiling)
  }
}
