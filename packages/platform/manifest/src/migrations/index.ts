// For other Atlas packages: migrations alone, without what reads a workspace.
export type { Migration, MigrationFile } from './migration.ts'
export { parseMigrations } from './parse-migrations.ts'
export { readMigrations } from './read-migrations.ts'
