import { AtlasError } from '@atlas/contract'
import type { S3Place } from './s3-place.ts'

/** What is known of an error of the S3 client. */
interface S3Failure {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** The status that a server answered with; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as S3Failure).$metadata?.httpStatusCode
}

/** Where a place is, for people. */
function shown({ bucket, endpoint, region }: S3Place): string {
  return `bucket '${bucket}' ${endpoint === undefined ? `of S3${region ? ` in ${region}` : ''}` : `at ${endpoint}`}`
}

const credentialCodes: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'AuthorizationHeaderMalformed',
])

/** Why a bucket cannot be used and what to do, as one sentence for whoever runs the platform. */
export function bucketSentence(error: unknown, place: S3Place): string {
  const { name = '', code = '', message = '' } = error as S3Failure
  const { variable } = place
  const status = statusOf(error)
  const where = shown(place)
  if (name === 'CredentialsProviderError' || /credential/i.test(name))
    return `there are no credentials for ${where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
  if (/Region is missing/.test(message))
    return `${where}: add ?region=REGION to ${variable}, or set AWS_REGION`
  if (name === 'NoSuchBucket') return `${where} does not exist; make it, or correct ${variable}`
  if (name === 'PermanentRedirect' || status === 301)
    return `${where} is in another region; correct ?region= in ${variable}`
  // Some servers have codes of their own.
  if (credentialCodes.has(name) || /access key id/i.test(message))
    return `${where} does not know the credentials (${name}); correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
  if (status === 403 || status === 401)
    return `${where} does not let us in (${name}); allow listing, reading, writing and deleting of objects to these credentials`
  if (status === undefined)
    return `${where} cannot be reached (${code || name}); start its server, or correct ${variable}`
  return `${where} answers ${status} ${name}: ${message}`
}

/**
 * What a failure of a request is to whoever called the servlet. Its details, the bucket among them, are the cause, which is in
 * the log only.
 *
 * @param store how to name it in the message: `store 'content'`
 */
export function blobsError(error: unknown, store: string, place: S3Place): AtlasError {
  if (error instanceof AtlasError) return error
  const status = statusOf(error)
  const cause = new Error(bucketSentence(error, place), { cause: error })
  if (status === undefined || status >= 500 || status === 429)
    return new AtlasError('unavailable', `${store} cannot be reached now`, { cause })
  return new AtlasError('internal', `${store} refuses the request`, { cause })
}
