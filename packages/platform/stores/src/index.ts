export type { OpenedStore } from './opened-store.ts'
export { placeOfStore, readBlobsUrl, type S3Place } from './s3/s3-place.ts'
