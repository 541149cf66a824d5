import type { RequestScope } from '../request-scope.ts'
import type { UniversalRequest } from '../universal.ts'

const none: readonly string[] = []

/** One call of a method. */
export class RpcCall {
  readonly request: UniversalRequest
  /** Sent before the answer, names and values in turns. */
  headers: readonly string[] = none
  /** Sent after the answer, names and values in turns. */
  trailers: readonly string[] = none

  constructor(request: UniversalRequest) {
    this.request = request
  }

  /** Whether there are headers or trailers that an error has to take along. */
  get saysMore(): boolean {
    return this.headers.length > 0 || this.trailers.length > 0
  }

  get scope(): RequestScope {
    return this.request.scope
  }
}
