import { type AddressInfo, createServer, type Server } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { bind } from './bind.ts'

/**
 * How many servers listen at one port. Node accepts one connection of each in a turn of its event loop, and under load a turn takes tens
 * of milliseconds: what one server cannot accept waits in the kernel, where nobody answers or refuses it. The kernel spreads
 * connections over all that listen with `SO_REUSEPORT`.
 */
const listeners = 32

/** How long to wait for another process that is about to listen at the same port. */
const [turnAttempts, turnPauseMs] = [200, 5]

/**
 * Listens at a port with several servers, and never at one where somebody listens.
 *
 * With `SO_REUSEPORT` another process of the same user could share the port unnoticed, and each would answer some of the
 * requests. So first one server listens alone, which fails where anybody does; that there is nobody in between is what
 * the turn is for: two processes that start together have it one after the other.
 *
 * @throws NodeJS.ErrnoException EADDRINUSE and others
 */
export async function listenAtPort(
  make: () => Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<readonly Server[]> {
  if (process.platform !== 'linux') return [await bind(make(), { host, port })]
  // The kernel gives no port away that anybody listens at, `SO_REUSEPORT` or not.
  if (port === 0) return listenTogether(make, { host, port })
  const turn = await takeTurn(port)
  try {
    const alone = await bind(make(), { host, port })
    if (turn === undefined) return [alone]
    const { address } = alone.address() as AddressInfo
    await close(alone)
    return await listenTogether(make, { host: address, port })
  } finally {
    if (turn) await close(turn)
  }
}

async function listenTogether(
  make: () => Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<readonly Server[]> {
  const servers = [await bind(make(), { host, port, reusePort: true })]
  const { address, port: taken } = servers[0]!.address() as AddressInfo
  try {
    while (servers.length < listeners)
      servers.push(await bind(make(), { host: address, port: taken, reusePort: true }))
    return servers
  } catch (error) {
    await Promise.all(servers.map(close))
    throw error
  }
}

/**
 * Waits until no other process is about to listen at a port. The turn is a socket in Linux's abstract namespace, which is of the same
 * network namespace as the port, and gone when its process is. Undefined where it cannot be had: then one server listens alone.
 */
async function takeTurn(port: number): Promise<Server | undefined> {
  for (let attempt = 0; attempt < turnAttempts; attempt++) {
    try {
      return await bind(createServer().unref(), { path: `\0atlas-listen-${port}` })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return undefined
      await setTimeout(turnPauseMs)
    }
  }
  return undefined
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
