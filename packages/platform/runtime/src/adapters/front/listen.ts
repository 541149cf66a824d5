import type { Server } from 'node:net'
import { AtlasError } from '@atlas/contract'

/** Starts listening. @throws AtlasError `failed_precondition` that says what to do about it */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explain(error, host, port))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process; stop it, or choose another port (0 takes any that is free)',
  EACCES: 'is not for this user: ports below 1024 are reserved; choose a higher one',
  EADDRNOTAVAIL: 'is no address of this machine; choose 127.0.0.1, or 0.0.0.0 for all of them',
  ENOTFOUND: 'is not a host name that can be resolved; choose 127.0.0.1, or 0.0.0.0 for all addresses',
}

function explain(cause: NodeJS.ErrnoException, host: string, port: number): AtlasError {
  const why = reasons[cause.code ?? ''] ?? `cannot be listened on: ${cause.message}`
  return new AtlasError('failed_precondition', `${host}:${port} ${why}`, { cause })
}
