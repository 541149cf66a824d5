import type { AtlasError } from '@atlas/contract'

/**
 * What became of an admitted request, as far as it says something about the load.
 *
 * - `served`: its time counts
 * - `timed-out`: its deadline passed while it ran; its time counts, and the limit falls when many do
 * - `ignored`: its time says nothing. It failed early, the caller went away, or it is a stream
 */
export type Outcome = 'served' | 'timed-out' | 'ignored'

/**
 * The outcome of a request that ended with this error, or with none. Errors are mostly quicker than answers, so their
 * time would make answers look slow; a dependency that is overloaded says nothing about us.
 */
export function outcomeOf(error: AtlasError | undefined): Outcome {
  if (error === undefined) return 'served'
  return error.code === 'deadline_exceeded' ? 'timed-out' : 'ignored'
}
