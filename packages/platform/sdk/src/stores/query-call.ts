import { currentCall } from '../instance/call-scope.ts'

/** What a store wants to know of the call that the running code handles; undefined outside of calls. */
export function queryCall():
  | {
      readonly endpoint: string | undefined
      readonly signal: AbortSignal
      readonly traceId: string | undefined
    }
  | undefined {
  const scope = currentCall.getStore()
  if (!scope) return undefined
  return {
    endpoint: scope.endpoint,
    get signal() {
      return scope.signal
    },
    // The runtime's scopes know their place in a trace; nobody asks before a query was slow.
    get traceId() {
      return (scope.trace as { traceId?: string } | undefined)?.traceId
    },
  }
}
