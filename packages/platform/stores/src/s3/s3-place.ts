/** Where the blobs of a store are, as plain data: a bucket of a server that speaks S3, and what their names start with. */
export interface S3Place {
  readonly kind: 's3'
  readonly bucket: string
  /** What the names of its objects start with, up to and with a `/`. */
  readonly prefix: string
  /** @default what the environment says (`AWS_REGION`) */
  readonly region?: string | undefined
  /** The URL of a server other than that of AWS. */
  readonly endpoint?: string | undefined
  /** The variable that says so, for messages. */
  readonly variable: string
}

/** The most bytes of what names start with: with the longest key, a name of an object has 1,024. */
export const longestPrefixBytes = 200

const example = 's3://BUCKET/FOLDER?region=eu-central-1'

/**
 * Reads the URL of a place for blobs: `s3://BUCKET[/FOLDER][?region=REGION][&endpoint=URL]`. Without an endpoint it is the S3 of AWS.
 * Credentials are not in it: they come from where programs that use AWS look for them.
 *
 * @param variable where the URL was found
 * @throws Error whose message says what is wrong with it, and never what is in it: it may hold a secret
 */
export function readBlobsUrl(text: string, variable = 'ATLAS_BLOBS_URL'): S3Place {
  const wrong = (why: string) => new Error(`${variable} ${why}; write ${example}`)
  if (!URL.canParse(text)) throw wrong('is no URL')
  const url = new URL(text)
  if (url.protocol !== 's3:') throw wrong(`starts with ${url.protocol}//, which is no kind of store`)
  if (url.username || url.password)
    throw new Error(
      `${variable} has credentials in it; take them out and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    )
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) throw wrong('names no bucket')
  for (const name of url.searchParams.keys())
    if (name !== 'region' && name !== 'endpoint') throw wrong(`has '${name}', which is no option`)
  const endpoint = url.searchParams.get('endpoint') ?? undefined
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw wrong(`has the endpoint '${endpoint}', which is no URL of a server (add &endpoint=https://HOST)`)
  const region = url.searchParams.get('region') ?? undefined
  if (region === '') throw wrong('has an empty region')
  const folder = folderOf(url)
  if (folder === undefined) throw wrong('has a % in its folder that stands for nothing (write %25)')
  return { kind: 's3', bucket: url.host, prefix: folder && `${folder}/`, region, endpoint, variable }
}

function folderOf({ pathname }: URL): string | undefined {
  try {
    return decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '')
  } catch {
    return undefined
  }
}

/** The place of a store below that of all. @throws Error when that has too long a name */
export function placeOfStore(all: S3Place, segments: readonly string[]): S3Place {
  const prefix = `${all.prefix}${segments.join('/')}/`
  const tooMany = Buffer.byteLength(prefix) - longestPrefixBytes
  if (tooMany > 0)
    throw new Error(
      `names of objects would start with '${prefix}', which is ${tooMany} bytes too long; shorten the folder in ${all.variable}`,
    )
  return { ...all, prefix }
}
