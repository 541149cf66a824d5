import { AtlasError, type Code } from '@atlas/contract'

/** Why a request did not get in, as metrics name it. */
export type RefusalReason = keyof typeof refusals

const refusals = {
  /** As many wait as can be served in time. */
  full: { code: 'resource_exhausted', message: 'too many requests are waiting already; try again later' },
  /** It waited, and somebody more important came. */
  displaced: {
    code: 'resource_exhausted',
    message: 'more important requests took the place of this one; try again later',
  },
  /** It could not be done before its deadline. */
  late: {
    code: 'resource_exhausted',
    message:
      'too many requests run to answer this one before its deadline; try again later, or give it more time',
  },
  /** Its deadline had passed already. */
  expired: { code: 'deadline_exceeded', message: 'the deadline passed before the request could run' },
  /** It waited as long as anybody may. */
  waited: { code: 'resource_exhausted', message: 'the request waited for too long; try again later' },
  /** The process is busy with something that the limit does not see. */
  event_loop: { code: 'unavailable', message: 'the server is overloaded; try again later' },
  draining: { code: 'unavailable', message: 'the server is about to stop; try again' },
} as const satisfies Record<string, { code: Code; message: string }>

/** How many were refused, by reason. */
export type Refusals = Readonly<Record<RefusalReason, number>>

export function noRefusals(): Record<RefusalReason, number> {
  return { full: 0, displaced: 0, late: 0, expired: 0, waited: 0, event_loop: 0, draining: 0 }
}

/** The error of a request that did not get in. It never ran, so anybody may send it again. */
export function refusal(reason: RefusalReason, retryAfterMs: number): AtlasError {
  const { code, message } = refusals[reason]
  // The stack says nothing that the reason does not, and would be four fifths of the cost when there is no time for it.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return new AtlasError(code, message, { data: { retryAfterMs } })
  } finally {
    Error.stackTraceLimit = limit
  }
}
