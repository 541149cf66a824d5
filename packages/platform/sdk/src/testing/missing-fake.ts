import { AtlasError } from '@atlas/contract'

/** A test called what it gave no fake for. */
class MissingFake extends Error {
  override readonly name = 'MissingFake'
}

/** What an endpoint without a fake throws. The caller's handler turns it into `internal`, so it also stands as the cause. */
export function missingFake(contract: string, endpoint: string): AtlasError {
  const message = `open() was given no fake for ${contract}.${endpoint}: add calls: { ${contract}: { ${endpoint}: ... } }`
  return new AtlasError('unimplemented', message, { cause: new MissingFake(message) })
}

/** The missing fake that an error came of, if it did: a test is better told that than `internal error`. */
export function missingFakeIn(error: unknown): Error | undefined {
  for (let reason = error; reason instanceof Error; reason = reason.cause)
    if (reason instanceof MissingFake) return reason
  return undefined
}
