/** A step of the schema of a store's database, from a file `migrations/STORE/NNNN-name.expand.sql`. */
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
  /** Relative to the root of the workspace, or to the servlet where that is not known. */
  readonly file: string
}

/** A file in a folder of migrations. */
export interface MigrationFile {
  /** `0001-create-links.expand.sql` */
  readonly name: string
  readonly file: string
  readonly text: string
}
