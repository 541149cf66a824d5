/** Units of durations, in seconds. A year of Prometheus has 365 days. */
const units: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** Seconds of a duration such as `30d`; NaN for what is none. */
export function secondsOf(duration: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smhdwy])$/.exec(duration) ?? []
  return Number(count) * (units[unit] ?? Number.NaN)
}
