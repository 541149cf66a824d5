/** What a pool wants to know of the call that a query is made in. */
export interface QueryCall {
  /** For the line of a slow query: `create`. */
  readonly endpoint?: string | undefined
  readonly traceId?: string | undefined
  /** When nobody waits any more; a query that still runs then is cancelled on the server. */
  readonly signal?: AbortSignal | undefined
}

/** A query that took long. */
export interface SlowQuery extends Pick<QueryCall, 'endpoint' | 'traceId'> {
  /** Its text, without its values, which may be secrets. */
  readonly sql: string
  readonly durationMs: number
}
