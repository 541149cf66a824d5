import { test } from 'vitest'
import { blobsSuite } from './blobs-suite.ts'
import { memoryBlobs } from './memory-blobs.ts'

for (const { name, check } of blobsSuite(async () => memoryBlobs())) test(name, check)
