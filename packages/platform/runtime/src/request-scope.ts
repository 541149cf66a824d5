import type { AtlasError } from '@atlas/contract'
import type { CallScope } from '@atlas/sdk'
import type { Admission } from './overload/admission.ts'
import { outcomeOf } from './overload/outcome.ts'
import { Ticket } from './overload/ticket.ts'
import type { Served } from './routing-table.ts'
import { ObservedScope } from './telemetry/observed-scope.ts'

/** The longest delay that Node's timers know; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

/** A request being handled. Its signal is made when somebody looks at it, because few handlers do. */
export class RequestScope extends ObservedScope implements CallScope {
  listener: CallScope['listener'] = 'public'
  caller: string | undefined = undefined
  user: unknown = undefined
  deadline: number | undefined = undefined
  endpoint: string | undefined = undefined
  /** A token that came in another way than by the header `authorization`. */
  token: string | undefined = undefined
  /** What a mounted app's answer has besides the app's own headers, names and values in turns. */
  edgeHeaders: readonly string[] | undefined = undefined
  /** What the request is for, once that is known. */
  served: Served | undefined = undefined
  /** Decides whether the handler may run; undefined where it always may. */
  admission: Admission | undefined = undefined
  #ticket: Ticket | undefined = undefined
  /** How much of the handler's time it waited for other servlets. */
  #awayMs = 0
  #awaySince = 0
  #calls = 0
  #controller: AbortController | undefined = undefined
  #reason: AtlasError | undefined = undefined
  #timer: NodeJS.Timeout | undefined = undefined
  #whenOver: (() => void)[] | undefined = undefined

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Why the request was given up; undefined while it was not. */
  get aborted(): AtlasError | undefined {
    return this.#reason
  }

  /** Tells the handler to stop. Later reasons change nothing. */
  abort(reason: AtlasError): void {
    if (this.#reason) return
    this.#reason = reason
    this.#controller?.abort(reason)
  }

  /** Sets the deadline and what happens when it passes. */
  expireIn(timeoutMs: number, expire: () => void): void {
    this.deadline = Date.now() + timeoutMs
    if (timeoutMs <= longestTimerMs) this.#timer = setTimeout(expire, timeoutMs)
  }

  /** Calls back when the request is over: answered to the last byte, or given up. */
  whenOver(listener: () => void): void {
    this.#whenOver ??= []
    this.#whenOver.push(listener)
  }

  /**
   * Asks to run. Resolves when that may be, undefined where it may be at once.
   *
   * @throws AtlasError, or rejects with one, see {@link Admission.enter}
   */
  enter(): Promise<void> | undefined {
    const entered = this.admission?.enter(this)
    if (entered === undefined) return undefined
    if (entered instanceof Ticket) {
      this.#ticket = entered
      return undefined
    }
    return entered.then((ticket) => {
      this.#ticket = ticket
    })
  }

  /** The handler is through, with an error or without. */
  leave(error: AtlasError | undefined): void {
    const ticket = this.#ticket
    if (!ticket) return
    this.#ticket = undefined
    ticket.done(outcomeOf(this.#reason ?? error), this.#awayMs)
  }

  /** The handler goes on, but at the pace of somebody else: of the client, or of what it waits for. */
  yield(): void {
    this.#ticket?.done('ignored')
    this.#ticket = undefined
  }

  /** The handler begins to wait for another servlet. */
  callBegan(nowMs: number): void {
    if (this.#calls++ === 0) this.#awaySince = nowMs
  }

  /** It has its answer. Waits at the same time count once. */
  callEnded(nowMs: number): void {
    if (--this.#calls === 0) this.#awayMs += nowMs - this.#awaySince
  }

  /** Frees the timer. */
  end(): void {
    clearTimeout(this.#timer)
    const listeners = this.#whenOver
    this.#whenOver = undefined
    if (listeners) for (const listener of listeners) listener()
  }
}
