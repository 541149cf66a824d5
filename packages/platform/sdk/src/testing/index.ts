export { memoryBlobs } from './memory-blobs.ts'
export { type Fake, type Fakes, type OpenDetails, type Opened, type OpenOptions, open } from './open.ts'
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.ts'
