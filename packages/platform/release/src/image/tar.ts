import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { sha256 } from '../bundle/digest.ts'
import type { Layer } from './cache.ts'

/** Something in a layer. */
export type Entry =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly executable?: boolean }
  | { readonly kind: 'copy'; readonly from: string; readonly size: number; readonly executable?: boolean }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'folder'; readonly mode?: number }

/** What a layer has, by path without a leading slash. */
export type Entries = ReadonlyMap<string, Entry>

/** The parts of a header that differ between entries. */
interface PackedHeader {
  readonly name: string
  readonly mode: number
  readonly type?: 'directory' | 'symlink'
  readonly linkname?: string
}

/** Whatever the machine and the day: no time, no owner, folders before what is in them, all in order of path. */
const never = new Date(0)
const common = { mtime: never, uid: 0, gid: 0, uname: '', gname: '' }

/** Layers are read once on each node and kept: what a better level would save is less than what it costs here. */
const compression = { level: 6 }

/** A layer in memory. Equal entries make an equal layer. */
export async function layerOf(entries: Entries): Promise<Layer> {
  const chunks: Buffer[] = []
  for await (const chunk of tarOf(entries)) chunks.push(chunk as Buffer)
  const tar = Buffer.concat(chunks)
  const bytes = gzipSync(tar, compression)
  return {
    digest: sha256(bytes),
    diffId: sha256(tar),
    size: bytes.length,
    open: async () => new Blob([bytes]),
  }
}

/** Writes a layer to a file, for those that are too large for memory. */
export async function writeLayer(
  file: string,
  entries: Entries,
): Promise<{ digest: string; diffId: string; size: number }> {
  const plain = createHash('sha256')
  const compressed = createHash('sha256')
  let size = 0
  await pipeline(
    tarOf(entries),
    passing((chunk) => plain.update(chunk)),
    createGzip(compression),
    passing((chunk) => {
      compressed.update(chunk)
      size += chunk.length
    }),
    createWriteStream(file),
  )
  return { digest: `sha256:${compressed.digest('hex')}`, diffId: `sha256:${plain.digest('hex')}`, size }
}

function passing(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      see(chunk)
      done(undefined, chunk)
    },
  })
}

function tarOf(entries: Entries) {
  const tar = pack()
  const write = async () => {
    for (const [path, entry] of withFolders(entries)) await writeEntry(tar, path, entry)
    tar.finalize()
  }
  write().catch((error: Error) => tar.destroy(error))
  return tar
}

async function writeEntry(tar: ReturnType<typeof pack>, name: string, entry: Entry): Promise<void> {
  const put = (header: PackedHeader, bytes?: Buffer) =>
    new Promise<void>((resolve, reject) =>
      tar.entry({ ...common, ...header }, bytes ?? Buffer.alloc(0), (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  switch (entry.kind) {
    case 'folder':
      return put({ name: `${name}/`, type: 'directory', mode: entry.mode ?? 0o755 })
    case 'link':
      return put({ name, type: 'symlink', linkname: entry.to, mode: 0o777 })
    case 'file':
      return put({ name, mode: modeOf(entry) }, Buffer.from(entry.bytes))
    case 'copy': {
      const sink = tar.entry({ ...common, name, mode: modeOf(entry), size: entry.size })
      await pipeline(createReadStream(entry.from), sink)
    }
  }
}

function modeOf({ executable = false }: { readonly executable?: boolean }): number {
  return executable ? 0o755 : 0o644
}

/** With the folders that nobody named, so that none is made with whatever rights who unpacks them has. */
function withFolders(entries: Entries): [string, Entry][] {
  const all = new Map(entries)
  for (const path of entries.keys()) {
    const parts = path.split('/')
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/')
      if (!all.has(folder)) all.set(folder, { kind: 'folder' })
    }
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1))
}
