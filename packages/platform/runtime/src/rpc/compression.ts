import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { AtlasError } from '@atlas/contract'

/** What messages may be compressed with. */
export type Encoding = 'identity' | 'gzip'

/** As headers say it, in the order of preference. */
export const encodings = 'gzip, identity'

/** Smaller messages would not shrink enough to be worth it. */
const minBytes = 1024

const unzip = promisify(gunzip)
const zip = promisify(gzip)

/** The encoding that a header names. @throws AtlasError `unimplemented` for others */
export function encodingOf(header: string | string[] | undefined): Encoding {
  if (header === undefined || header === '' || header === 'identity') return 'identity'
  if (header === 'gzip') return 'gzip'
  throw new AtlasError(
    'unimplemented',
    `the compression '${String(header)}' is not supported; use ${encodings}`,
  )
}

/** Whether a header that lists encodings has gzip. */
export function accepts(header: string | string[] | undefined): boolean {
  return typeof header === 'string' && /(?:^|[\s,])gzip(?:$|[\s,;])/.test(header)
}

/**
 * Unpacks a message of at most `maxBytes`.
 *
 * @throws AtlasError `resource_exhausted` where it is larger, `invalid_argument` where it is not gzip
 */
export async function decompress(bytes: Uint8Array, maxBytes: number): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw messageTooLarge(maxBytes)
    throw new AtlasError('invalid_argument', 'a compressed message is not gzip')
  }
}

/** Packs a message; undefined where it is too small to be worth it. */
export function compress(bytes: Uint8Array): Promise<Buffer> | undefined {
  return bytes.byteLength < minBytes ? undefined : zip(bytes)
}

/** The error of a message that is larger than allowed. */
export function messageTooLarge(maxBytes: number): AtlasError {
  return new AtlasError('resource_exhausted', `a message is larger than ${maxBytes} bytes`)
}
