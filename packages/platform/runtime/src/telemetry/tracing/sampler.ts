import { randomWord } from './random-word.ts'
import { sampledFlag } from './traceparent.ts'

/** Which traces are recorded. */
export interface Sampling {
  /** The share of traces, from 0 to 1. */
  readonly ratio: number
  /** Whether whoever began a trace has decided for all that follow. */
  readonly parentBased: boolean
}

/** Every hundredth trace, all of it. */
export const defaultSampling: Sampling = { ratio: 0.01, parentBased: true }

/**
 * Decides which traces are recorded. The decision is a function of the trace's id, OpenTelemetry's consistent one
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/): its last 56 bits, as a fraction,
 * must reach `1 - ratio`. So services that decide for themselves decide alike.
 */
export class Sampler {
  readonly #from: number
  readonly #parentBased: boolean

  constructor({ ratio, parentBased }: Sampling) {
    this.#from = 1 - Math.min(1, Math.max(0, ratio))
    this.#parentBased = parentBased
  }

  /**
   * Whether a trace is recorded that somebody else began.
   *
   * @param trusted whether they may decide; else neither their flag nor an id they chose makes us record
   */
  continues({ t2, t3, flags }: { t2: number; t3: number; flags: number }, trusted: boolean): boolean {
    if (!trusted) return this.begins()
    if (this.#parentBased) return (flags & sampledFlag) !== 0
    return fractionOf(t2, t3) >= this.#from
  }

  /** Draws the last words of the id of a new trace, see {@link drawn}, and says whether it is recorded. */
  begins(): boolean {
    drawn.t2 = randomWord()
    drawn.t3 = randomWord()
    return fractionOf(drawn.t2, drawn.t3) >= this.#from
  }

  /** Draws the last words of the id of a trace of which it was decided already that it is not recorded. */
  drawUnsampled(): void {
    // Where everything is recorded, such a trace cannot be drawn.
    for (let tries = 0; tries < 16; tries += 1) if (!this.begins()) return
  }
}

/** What was drawn last. */
export const drawn = { t2: 0, t3: 0 }

function fractionOf(t2: number, t3: number): number {
  return ((t2 & 0xffffff) * 2 ** 32 + t3) / 2 ** 56
}
