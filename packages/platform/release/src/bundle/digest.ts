import { createHash } from 'node:crypto'

/** `sha256:...` of bytes. */
export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The digest of files by path, whatever the order they were found in. */
export function digestOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256')
  for (const path of [...files.keys()].sort()) hash.update(`${path}\0${sha256(files.get(path)!)}\n`)
  return `sha256:${hash.digest('hex')}`
}
