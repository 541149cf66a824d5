import { connect } from 'node:net'

/** Where a connection goes, and the keys with which the server lets others cancel what it runs. */
export interface Cancelable {
  readonly host: string
  readonly port: number
  readonly processID?: number | null
  readonly secretKey?: number | null
}

const cancelRequestCode = 80877102

/**
 * Asks a server to cancel what a connection runs (CancelRequest of the frontend/backend protocol). Resolves when the
 * server has passed it on, which it says by closing: from then on it cannot hit a later query. Never rejects: a request
 * that fails leaves the query to end by itself.
 */
export function cancelQuery({ host, port, processID, secretKey }: Cancelable): Promise<void> {
  return new Promise((done) => {
    if (!processID || secretKey === null || secretKey === undefined) return done()
    const packet = Buffer.alloc(16)
    for (const [index, value] of [16, cancelRequestCode, processID, secretKey].entries())
      packet.writeInt32BE(value, index * 4)
    const path = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
    const socket = connect(path, () => socket.end(packet))
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('error', () => {}).on('close', () => done())
    socket.resume()
  })
}
