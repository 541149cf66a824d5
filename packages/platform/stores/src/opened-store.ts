/** A store that is open. */
export interface OpenedStore {
  readonly store: unknown
  /** Ends its connections; after the servlet was closed. */
  close(): Promise<void>
}
