/** A field of an object that is not what it should be. */
export interface Difference {
  /** `spec.template.spec.containers[0].image`. */
  readonly path: string
  /** What it is; undefined when it is missing. */
  readonly is: unknown
  readonly wanted: unknown
}

/** Fields that every write changes, whoever writes. */
const ofTheServer = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
])

/** Where an object differs from what applying ours would make of it. Status is nobody's wish. */
export function differencesOf(live: unknown, applied: unknown, path = ''): Difference[] {
  if (Object.is(live, applied)) return []
  if (Array.isArray(live) && Array.isArray(applied) && live.length === applied.length)
    return applied.flatMap((each, index) => differencesOf(live[index], each, `${path}[${index}]`))
  if (isRecord(live) && isRecord(applied)) {
    const keys = new Set([...Object.keys(live), ...Object.keys(applied)])
    return [...keys].sort().flatMap((key) => {
      if (path === '' && key === 'status') return []
      if (path === 'metadata' && ofTheServer.has(key)) return []
      return differencesOf(live[key], applied[key], path === '' ? key : `${path}.${key}`)
    })
  }
  if (live instanceof Date || applied instanceof Date)
    return String(live) === String(applied) ? [] : [{ path, is: live, wanted: applied }]
  return JSON.stringify(live) === JSON.stringify(applied) ? [] : [{ path, is: live, wanted: applied }]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
