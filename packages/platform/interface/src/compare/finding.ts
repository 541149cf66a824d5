/**
 * How much a change asks of others. `breaking` is proven by a witness; `possibly-breaking` could not be proven either way;
 * `minor` adds something; `patch` changes what people read only.
 */
export type ChangeSeverity = 'breaking' | 'possibly-breaking' | 'minor' | 'patch'

/**
 * Who meets whom. `old-caller`: callers built against the old document meet the new servlet, which decides the version.
 * `new-caller`: callers built against the new document meet the old servlet, during a canary or after a rollback, which
 * decides the order of a rollout.
 */
export type Direction = 'old-caller' | 'new-caller'

/** A concrete message, or a property of one, that one side produces and the other refuses or takes for something else. */
export interface ChangeWitness {
  /** What kind of example it is; `json` and `protobuf` were executed against both documents. */
  readonly kind: 'json' | 'protobuf' | 'request' | 'bytes' | 'caller'
  /** The message: JSON, or bytes in hex, or a request line. */
  readonly value: unknown
  /** Who produces it. */
  readonly from: 'caller' | 'servlet'
  /** What the other side makes of it: why it refuses, or what it reads instead. */
  readonly outcome: string
}

/** One difference between two interface documents, and what it means to somebody. */
export interface Change {
  /** `input/field-missing`; stable, so that a changeset may accept it. */
  readonly rule: string
  readonly severity: ChangeSeverity
  readonly direction: Direction
  /** The endpoint that it is about; absent for the whole servlet. Of the old document where it was renamed. */
  readonly endpoint?: string
  /** `endpoints.greet.input.name` */
  readonly path: string
  /** One sentence, without a full stop. */
  readonly message: string
  /** How to make the change compatibly, without a full stop. */
  readonly remedy: string
  /** Present exactly on `breaking`. */
  readonly witness?: ChangeWitness
  /** Why it could not be decided; present exactly on `possibly-breaking`. */
  readonly reason?: string
}
