const stakes = [0.3, 0.6, 0.9] as const

/**
 * Evidence that one of two readings is the greater one more often than not, looked at as often as one likes: for each
 * stake `s` the product of `1 + s` where it is greater and `1 - s` where it is not. While either is as likely, or the
 * other likelier, this is a supermartingale, whatever the readings are distributed like.
 */
export class SignMixture {
  #wins = 0
  #losses = 0

  add(greater: boolean): void {
    if (greater) this.#wins++
    else this.#losses++
  }

  /** How often the reading was the greater one, and how often not. */
  get counts(): { readonly wins: number; readonly losses: number } {
    return { wins: this.#wins, losses: this.#losses }
  }

  /** Natural logarithm of the evidence. */
  logEvidence(): number {
    const terms = stakes.map((s) => this.#wins * Math.log1p(s) + this.#losses * Math.log1p(-s))
    const greatest = Math.max(...terms)
    return (
      greatest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - greatest), 0) / stakes.length)
    )
  }
}
