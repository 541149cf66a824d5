import type { CallScope } from '@atlas/sdk'
import type { TracedScope } from './tracing/active-trace.ts'
import type { TraceContext } from './tracing/trace-context.ts'

/** The call that is handled, while it makes a recorded call: the same, but for its place in the trace. */
export class CallingScope implements TracedScope {
  readonly trace: TraceContext
  readonly #parent: CallScope | undefined
  #signal: AbortSignal | undefined = undefined

  constructor(parent: CallScope | undefined, trace: TraceContext) {
    this.#parent = parent
    this.trace = trace
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#parent?.signal ?? new AbortController().signal
    return this.#signal
  }

  get deadline(): number | undefined {
    return this.#parent?.deadline
  }

  get caller(): string | undefined {
    return this.#parent?.caller
  }

  get user(): unknown {
    return this.#parent?.user
  }

  get listener(): CallScope['listener'] {
    return this.#parent?.listener ?? 'internal'
  }
}
