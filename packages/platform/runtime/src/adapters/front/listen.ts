import { lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { AtlasError } from '@atlas/contract'
import { bind } from './bind.ts'
import { listenAtPort } from './listen-at-port.ts'

/** Where a server listens: on an address of this machine, or on a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

/**
 * Starts listening.
 *
 * @param make makes a server that listens; called once for a Unix socket, and more often for a port
 * @returns all that listen at the address
 * @throws AtlasError `failed_precondition` that says what to do about it
 */
export async function listen(make: () => Server, address: Address): Promise<readonly Server[]> {
  if (!('path' in address))
    return listenAtPort(make, address).catch((error: NodeJS.ErrnoException) => {
      throw explain(error, address)
    })
  try {
    return [await bind(make(), address)]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' || !(await leftBehind(address.path)))
      throw explain(error as NodeJS.ErrnoException, address)
    await unlink(address.path).catch(() => {})
    return [
      await bind(make(), address).catch((again: NodeJS.ErrnoException) => {
        throw explain(again, address)
      }),
    ]
  }
}

/** Whether a path is the socket of a process that was killed: nobody listens, and the file is in the way of everybody. */
async function leftBehind(path: string): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined)
  if (!file?.isSocket()) return false
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process; stop it, or choose another port (0 takes any that is free)',
  EACCES: 'is not for this user: ports below 1024 are reserved; choose a higher one',
  EADDRNOTAVAIL: 'is no address of this machine; choose 127.0.0.1, or 0.0.0.0 for all of them',
  ENOTFOUND: 'is not a host name that can be resolved; choose 127.0.0.1, or 0.0.0.0 for all addresses',
}

const pathReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process, or is a file; stop it, or choose another path',
  // Also where the folder is not there: libuv makes no difference.
  EACCES:
    'is in a folder that is not there, or where this user may not write; make it, or choose another path',
}

/** What the address of a Unix socket has room for on Linux; macOS has four bytes less. */
const longestPathBytes = 107

function explain(cause: NodeJS.ErrnoException, address: Address): AtlasError {
  const { code = '' } = cause
  if (!('path' in address)) {
    const why = reasons[code] ?? `cannot be listened on: ${cause.message}`
    return new AtlasError('failed_precondition', `${address.host}:${address.port} ${why}`, { cause })
  }
  const { path } = address
  const sizeBytes = Buffer.byteLength(path)
  const why =
    sizeBytes > longestPathBytes
      ? `has ${sizeBytes} bytes, and the path of a socket at most ${longestPathBytes}; choose a folder higher up`
      : (pathReasons[code] ?? `cannot be listened on: ${cause.message}`)
  return new AtlasError('failed_precondition', `the socket ${path} ${why}`, { cause })
}
