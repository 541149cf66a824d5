import type { Logger } from '@atlas/sdk'
import type { OpenedStore } from '@atlas/stores'

export type { OpenedStore }

/** Where a store is, and for whom it is opened. */
export interface StorePlace {
  readonly servlet: string
  readonly store: string
  /** What the variable of the store says: the URL of a database, or of a bucket. */
  readonly where: string
  /** What the manifest says of the store. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The folder of the servlet in the image. */
  readonly folder: string
  readonly log: Logger
}

/** Opens stores of one kind. In an image are only those of the kinds that its servlet has. */
export interface StoreOpener {
  open(place: StorePlace): Promise<OpenedStore>
  /** Brings the store to what this version needs. @returns what was done, by file */
  migrate?(place: StorePlace): Promise<readonly string[]>
}
