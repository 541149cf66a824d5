import type { StorePlan } from '../store-plan.ts'

/** Where the blobs of a store are: a bucket of a server that speaks S3, and what their names start with. */
export type S3Place = Extract<StorePlan, { readonly kind: 's3' }>

/** The most bytes of what names start with: with the longest key, a name of an object has 1,024. */
export const longestPrefixBytes = 200

const example = 's3://BUCKET/FOLDER?region=eu-central-1'

/**
 * Reads `ATLAS_BLOBS_URL`: `s3://BUCKET[/FOLDER][?region=REGION][&endpoint=URL]`. Without an endpoint it is the S3 of AWS.
 * Credentials are not in it: they come from where programs that use AWS look for them.
 *
 * @throws Error whose message says what is wrong with it
 */
export function readBlobsUrl(text: string): Omit<S3Place, 'kind'> {
  const wrong = (why: string) => new Error(`ATLAS_BLOBS_URL ${why}; write ${example}`)
  if (!URL.canParse(text)) throw wrong('is no URL')
  const url = new URL(text)
  if (url.protocol !== 's3:') throw wrong(`starts with ${url.protocol}//, which is no kind of store`)
  // Not shown: it is a secret.
  if (url.username || url.password)
    throw new Error(
      'ATLAS_BLOBS_URL has credentials in it; take them out and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) throw wrong('names no bucket')
  for (const name of url.searchParams.keys())
    if (name !== 'region' && name !== 'endpoint') throw wrong(`has '${name}', which is no option`)
  const endpoint = url.searchParams.get('endpoint') ?? undefined
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw wrong(`has the endpoint '${endpoint}', which is no URL of a server (add &endpoint=https://HOST)`)
  const folder = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
  return {
    bucket: url.host,
    prefix: folder && `${folder}/`,
    region: url.searchParams.get('region') ?? undefined,
    endpoint,
  }
}

/** The place of a store below that of all. @throws Error when that has too long a name */
export function placeOfStore(all: Omit<S3Place, 'kind'>, segments: readonly string[]): S3Place {
  const prefix = `${all.prefix}${segments.join('/')}/`
  const tooMany = Buffer.byteLength(prefix) - longestPrefixBytes
  if (tooMany > 0)
    throw new Error(
      `names of objects would start with '${prefix}', which is ${tooMany} bytes too long; shorten the folder in ATLAS_BLOBS_URL`,
    )
  return { kind: 's3', ...all, prefix }
}
