import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallFacts } from '../context.ts'

/** One call being handled: what the platform knows of it, whichever way it came. */
export interface CallScope extends CallFacts {
  /** The unparsed subject of the authenticator; undefined when nobody is signed in. */
  readonly user: unknown
  /** The listener it came by. Internal endpoints answer on the internal one only; calls between servlets are internal. */
  readonly listener: 'public' | 'internal'
  /** Where the call stands in a trace, as the platform's telemetry knows it; a call in the same process stands there too. */
  readonly trace?: unknown
  /** The endpoint that runs; its runner says so. */
  endpoint?: string | undefined
}

/** The call that the running code handles, so that calls it makes inherit deadline, cancellation and user. */
export const currentCall = new AsyncLocalStorage<CallScope>()

/** Runs what belongs to no call: a servlet that starts while one is being handled must not take its deadline for its own. */
export function outsideOfCalls<T>(run: () => T): T {
  return currentCall.run(undefined as never, run)
}
