/** What speaks against a release, by one metric. */
export interface MetricFinding {
  /** `failures`, `slower than 0.25 s`, `refused as not_found`, `cost`, `restarts` */
  readonly metric: string
  readonly weight: number
  /** Natural logarithm of the evidence that the canary is worse. */
  readonly logEvidence: number
  /** Natural logarithm of the evidence that it is less than the tolerated ratio worse; undefined where that is not asked. */
  readonly logHarmless: number | undefined
  readonly canary: number
  readonly control: number
  /** How clustered its events are: 1 when they are independent. */
  readonly dispersion: number
}

/** What a judge says when it is asked. */
export type Verdict =
  /** Nothing is decided before the ramp ends; `mayIncrease` says whether the next step may be taken. */
  | { readonly kind: 'continue'; readonly mayIncrease: boolean; readonly reason: string }
  /** The canary is worse. */
  | { readonly kind: 'roll back'; readonly metric: string; readonly reason: string }
  /** The canary is shown to be harmless. */
  | { readonly kind: 'promote'; readonly reason: string }
  /** The traffic did not show enough; `action` is what the policy says. */
  | {
      readonly kind: 'not enough evidence'
      readonly action: 'extend' | 'probe' | 'hold' | 'promote'
      readonly reason: string
    }
