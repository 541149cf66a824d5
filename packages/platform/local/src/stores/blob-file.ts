import { type FileHandle, open } from 'node:fs/promises'
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

/** What is known of the blob in a file, or undefined where the file is not a whole blob. */
export async function readInfo(path: string): Promise<BlobInfo | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const length = Number.parseInt(await textAt(file, size - lengthDigits, lengthDigits), 16)
    const start = size - lengthDigits - length
    if (!(start >= 0)) return undefined
    const info = JSON.parse(await textAt(file, start, length)) as BlobInfo
    return info.sizeBytes === start ? info : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  } finally {
    await file.close()
  }
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  if (position < 0) throw new RangeError('the file is shorter than a blob')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.toString('utf8', 0, bytesRead)
}
