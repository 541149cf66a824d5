/**
 * A step of a database's schema, as plain data; what `readMigrations` of `@atlas/manifest` makes of a file
 * `0001-create-links.expand.sql`.
 */
export interface Migration {
  /** Counted from 1, without gaps. */
  readonly number: number
  /** `create-links` */
  readonly name: string
  /** `expand` adds what old code does not mind; `contract` removes what no running code uses any more. */
  readonly kind: 'expand' | 'contract'
  readonly sql: string
  /** Of its text, whatever the line ends. */
  readonly checksum: string
  /** Where it is, for messages. */
  readonly file: string
}
