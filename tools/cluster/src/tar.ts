/** A file, folder or link of an image. */
export interface TarHeader {
  /** The path without a leading slash; folders end with one. */
  readonly path: string
  readonly mode: number
  readonly size: number
  readonly kind: 'file' | 'folder'
}

/** Bytes of a block; headers and contents fill whole blocks. */
export const blockBytes = 512

/**
 * The header of an entry in the format of POSIX.1-1988 (ustar): owned by root, of no time, so that equal files are equal
 * archives.
 *
 * @throws Error when the path does not fit: 100 bytes, and 155 of folders in front
 */
export function tarHeader({ path, mode, size, kind }: TarHeader): Buffer {
  const header = Buffer.alloc(blockBytes)
  const { prefix, name } = split(path)
  header.write(name, 0, 100)
  octal(header, mode, 100, 8)
  octal(header, 0, 108, 8)
  octal(header, 0, 116, 8)
  octal(header, size, 124, 12)
  octal(header, 0, 136, 12)
  header.write(kind === 'folder' ? '5' : '0', 156)
  header.write('ustar\x0000', 257, 'latin1')
  header.write(prefix, 345, 155)
  // The checksum counts its own field as spaces.
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** The zeros after contents of this size. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes)
}

/** What an archive ends with. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes)

function split(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at)
    const name = path.slice(at + 1)
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155)
      return { prefix, name }
  }
  throw new Error(`${path} is too long for a tar archive: 100 bytes, and 155 of folders in front`)
}

function octal(buffer: Buffer, value: number, at: number, width: number): void {
  buffer.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
}
