import { S3Client } from '@aws-sdk/client-s3'
import type { S3Place } from './s3-place.ts'

const connectionTimeoutMs = 3_000
/** Without a byte of an answer. */
const requestTimeoutMs = 30_000

/** Connects to where blobs are. Credentials come from the environment, as with every program that uses AWS. */
export function s3Client({ region, endpoint }: S3Place): S3Client {
  return new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined
      ? {}
      : {
          endpoint,
          // Servers of one's own have a name, not one for each bucket, and do not all know checksums of AWS.
          forcePathStyle: true,
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
          ...(region === undefined && !process.env.AWS_REGION ? { region: 'us-east-1' } : {}),
        }),
    requestHandler: { connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs },
  })
}
