// For other Atlas packages.
export { databaseName } from './databases/database-name.ts'
export {
  dropDatabase,
  ensureDatabase,
  isMissingDatabase,
  quoted,
  shownUrl,
  urlOfDatabase,
  withClient,
} from './databases/databases.ts'
export {
  type PreparedDatabase,
  prepareDatabase,
  ServerError,
  serverErrorOf,
} from './databases/prepare-database.ts'
export {
  type AppliedMigration,
  appliedMigrations,
  type Migrated,
  MigrationError,
  migrate,
} from './migrations/migrate.ts'
export type { Migration } from './migrations/migration.ts'
export type { QueryCall, SlowQuery } from './pool/call.ts'
export { defaultSlowQueryMs, openPostgres, type PostgresOptions } from './pool/open-postgres.ts'
export { poolSize } from './pool/pool-sizes.ts'
export { errorOfQuery } from './pool/store-error.ts'
