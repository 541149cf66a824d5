/** Which release of a servlet an environment runs. */
export interface LockedRelease {
  readonly version: string
  /** Of the image, `sha256:...`. */
  readonly digest: string
}

/** A file that says what should run is wrong. The message has the file, the field and the remedy. */
export class PlacementError extends Error {
  override readonly name = 'PlacementError'
}

const entry = /^(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)@(sha256:[0-9a-f]{64})$/

/**
 * Reads the lock of an environment: `{ "greeter": "1.4.0@sha256:..." }`.
 *
 * @throws PlacementError when it is none
 */
export function parseLock(text: string, file: string): ReadonlyMap<string, LockedRelease> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new PlacementError(`${file} is no JSON: ${(error as Error).message}; restore it from git`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PlacementError(`${file} is no object of servlets; restore it from git`)
  return new Map(
    Object.entries(value)
      .filter(([servlet]) => servlet !== '$schema')
      .map(([servlet, release]): [string, LockedRelease] => {
        const match = typeof release === 'string' ? entry.exec(release) : null
        if (!match)
          throw new PlacementError(
            `${file} (${servlet}): ${JSON.stringify(release)} is not "version@sha256:<64 digits>"; write the digest that the registry has, or restore the file from git`,
          )
        return [servlet, { version: match[1]!, digest: match[2]! }]
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
