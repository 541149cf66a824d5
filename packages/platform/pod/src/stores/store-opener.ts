import type { Logger } from '@atlas/sdk'

/** Where a store is, and for whom it is opened. */
export interface StorePlace {
  readonly servlet: string
  readonly store: string
  /** What the variable of the store says: the URL of a database. */
  readonly where: string
  /** What the manifest says of the store. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The folder of the servlet in the image. */
  readonly folder: string
  readonly log: Logger
}

/** A store that is open. */
export interface OpenedStore {
  readonly store: unknown
  /** Ends its connections; after the servlet was closed. */
  close(): Promise<void>
}

/** Opens stores of one kind. In an image are only those of the kinds that its servlet has. */
export interface StoreOpener {
  open(place: StorePlace): Promise<OpenedStore>
  /** Brings the store to what this version needs. @returns what was done, by file */
  migrate?(place: StorePlace): Promise<readonly string[]>
}
