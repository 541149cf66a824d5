export { memoryBlobs } from './memory-blobs.ts'
export { type Fake, type Fakes, type OpenDetails, type Opened, type OpenOptions, open } from './open.ts'
