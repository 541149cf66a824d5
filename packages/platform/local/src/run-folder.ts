import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning } from '@atlas/postgres/is-running'

/** What the address of a Unix socket has room for (107 bytes, 103 on macOS), less the name of a socket. */
const longestFolderBytes = 103 - '/123456.sock'.length

/**
 * A folder for the sockets of this process, which nobody else may enter: whoever connects is believed. In the state folder,
 * or, where that is too deep for a socket, in the system's temporary one. Folders of processes that were killed are removed.
 */
export function runFolder(state: string): { readonly path: string; remove(): void } {
  const near = join(state, 'run')
  const hash = createHash('sha256').update(state).digest('hex').slice(0, 12)
  const own = String(process.pid)
  const parent =
    Buffer.byteLength(join(near, own)) <= longestFolderBytes
      ? near
      : join(tmpdir(), `atlas-${userId()}-${hash}`)
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(parent))
    if (/^\d+$/.test(name) && !isRunning(Number(name)))
      rmSync(join(parent, name), { recursive: true, force: true })
  const path = join(parent, own)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { mode: 0o700 })
  chmodSync(path, 0o700)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function userId(): string {
  return String(process.getuid?.() ?? 'user')
}
