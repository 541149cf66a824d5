/** Random numbers from a seed: the same seed gives the same canary to every judge. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1
  #spare: number | undefined

  /** @param seed a whole number */
  constructor(seed: number) {
    // sfc32 (Doty-Humphrey, PractRand), seeded by splitmix so that neighbouring seeds share nothing.
    let state = seed | 0
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      return z ^ (z >>> 16)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    for (let round = 0; round < 12; round++) this.uniform()
  }

  /** Between 0 and 1, 1 excluded. */
  uniform(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return (t >>> 0) / 2 ** 32
  }

  /** Of mean 0 and variance 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare
      this.#spare = undefined
      return spare
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.#spare = v * factor
      return u * factor
    }
  }

  /** Poisson counts: by products of uniforms below a mean of 20, above it the rounded normal, whose error is below a percent of the deviation. */
  poisson(mean: number): number {
    if (!(mean > 0)) return 0
    if (mean > 20) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++
    return count
  }

  /** How many of `trials` succeed. */
  binomial(trials: number, chance: number): number {
    if (trials <= 0 || !(chance > 0)) return 0
    if (chance >= 1) return trials
    if (chance > 0.5) return trials - this.binomial(trials, 1 - chance)
    const mean = trials * chance
    const deviation = Math.sqrt(mean * (1 - chance))
    if (mean > 20) return Math.min(trials, Math.max(0, Math.round(mean + deviation * this.normal())))
    // By the gaps between successes, which are geometric (Devroye, Non-Uniform Random Variate Generation, X.4.3).
    const scale = Math.log1p(-chance)
    let successes = 0
    for (let tried = Math.floor(Math.log(1 - this.uniform()) / scale); tried < trials; successes++)
      tried += 1 + Math.floor(Math.log(1 - this.uniform()) / scale)
    return successes
  }

  /** Sizes from 1 on with a mean, as of a caller that tries again with the same chance each time. */
  geometric(mean: number): number {
    if (mean <= 1) return 1
    return 1 + Math.floor(Math.log(1 - this.uniform()) / Math.log(1 - 1 / mean))
  }
}
