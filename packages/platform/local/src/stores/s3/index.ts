// What is loaded together by those whose blobs are in a bucket.

export { prepareBucket } from './prepare-bucket.ts'
export { s3Blobs } from './s3-blobs.ts'
export { s3Client } from './s3-client.ts'
