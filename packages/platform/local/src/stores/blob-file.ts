import { fstatSync, readSync } from 'node:fs'
import type { BlobInfo } from '@atlas/sdk'

/**
 * A blob is one file: its bytes, then what is known of it as JSON, then the length of that JSON in 8 hex digits. One
 * file, because a rename makes one file appear at once; and the facts come last, because size and hash are known only
 * when the bytes have been written.
 */
const lengthDigits = 8

/** What follows the bytes. */
export function trailerOf(info: BlobInfo): Uint8Array {
  const json = Buffer.from(JSON.stringify(info))
  const length = Buffer.from(json.byteLength.toString(16).padStart(lengthDigits, '0'))
  return Buffer.concat([json, length])
}

/** What is known of the blob in an open file, or undefined where it is not a whole blob. Not asynchronous: it reads two small pieces, and nothing may come in between. */
export function readInfoOf(fd: number): BlobInfo | undefined {
  try {
    const { size } = fstatSync(fd)
    const length = Number.parseInt(textAt(fd, size - lengthDigits, lengthDigits), 16)
    const start = size - lengthDigits - length
    if (!(start >= 0)) return undefined
    const info = JSON.parse(textAt(fd, start, length)) as BlobInfo
    return info.sizeBytes === start ? info : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function textAt(fd: number, position: number, length: number): string {
  if (position < 0) throw new RangeError('the file is shorter than a blob')
  const buffer = Buffer.alloc(length)
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, length, position))
}
