/** A step of a ramp: so many seconds at this share of the traffic. */
export interface Step {
  readonly share: number
  readonly seconds: number
}

const parts = [
  { share: 0.05, part: 0.2 },
  { share: 0.1, part: 0.2 },
  { share: 0.25, part: 0.3 },
  { share: 0.5, part: 0.3 },
] as const

/** The default ramp in so many seconds: small while little is known, larger when a gross regression would have shown. */
export function rampSteps(seconds: number): Step[] {
  return parts.map(({ share, part }) => ({ share, seconds: Math.max(1, Math.round(seconds * part)) }))
}

/** The ramp of ten minutes. */
export const tenMinutes: readonly Step[] = rampSteps(600)
