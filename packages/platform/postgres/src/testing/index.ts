// For other Atlas packages: databases for tests.
export { type FreshDatabase, freshDatabase } from './fresh-database.ts'
export { testServer } from './test-server.ts'
