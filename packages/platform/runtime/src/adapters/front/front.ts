import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { AtlasError } from '@atlas/contract'
import type { Limits } from '../../limits.ts'
import { type Address, listen } from './listen.ts'
import { type Protocol, protocolOf } from './protocol.ts'

/** The certificate of a server, and its key. */
export interface TlsOptions {
  /** In PEM. */
  readonly key: string | Buffer
  /** In PEM, followed by the certificates between it and one that clients know. */
  readonly cert: string | Buffer
}

/** Who takes connections over, and what a front needs beside. */
export interface FrontOptions {
  readonly address: Address
  readonly tls: TlsOptions | undefined
  readonly limits: Limits
  /** Takes a connection over whose protocol is known. What was read of it is put back. */
  readonly take: (socket: Socket, protocol: Protocol) => void
  /** Tells a client that it sent nothing in time. */
  readonly refuseSilent: (socket: Socket) => void
}

/** How long a connection may be silent before TCP asks whether its other end is there. */
const keepAliveMs = 60_000

/** As Node's own servers: a client that has sent all it will is still answered. */
const ofConnections = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: keepAliveMs,
} as const

/** Accepts connections, and hands each over by what the client speaks. */
export class Front {
  readonly #options: FrontOptions
  /** Makes connections over TLS of those that are accepted; undefined for cleartext. */
  readonly #tls: TlsServer | undefined
  #servers: readonly Server[] = []
  /** All that are open, as TCP has them. */
  readonly #open = new Set<Socket>()
  /** Those whose protocol is not known, and when they came. */
  readonly #undecided = new Map<Socket, number>()

  /** @throws AtlasError `failed_precondition` when the certificate is none */
  constructor(options: FrontOptions) {
    this.#options = options
    const { tls, limits } = options
    this.#tls = tls && createTls({ ...tls, ...ofConnections, handshakeTimeout: limits.headersTimeoutMs })
    // What a client wrote inside of TLS is never looked at to find its protocol: it has said so already.
    this.#tls?.on('secureConnection', (socket: TLSSocket) =>
      socket.alpnProtocol === 'h2' ? options.take(socket, 'http2') : this.#decide(socket, 'http1'),
    )
    // Also of a handshake that took too long, whose connection Node leaves open.
    this.#tls?.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy())
  }

  /** Resolves to the port, 0 for a Unix socket. @throws AtlasError `failed_precondition` when it cannot be had */
  async listen(): Promise<number> {
    this.#servers = await listen(
      () => createServer(ofConnections, (socket) => this.#accept(socket)),
      this.#options.address,
    )
    // A connection that cannot be accepted, for want of file descriptors, must not end the others.
    for (const server of this.#servers) server.on('error', ignore)
    const address = this.#servers[0]!.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Gives up on clients that did not begin in time. */
  check(now: number): void {
    const { limits, refuseSilent } = this.#options
    for (const [socket, since] of this.#undecided) {
      // They stand in the order in which they came.
      if (now - since <= limits.headersTimeoutMs) return
      this.#undecided.delete(socket)
      refuseSilent(socket)
    }
  }

  /** Accepts no more. Resolves when no connection is left. */
  async close(): Promise<void> {
    const closed = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()))
    await Promise.all(this.#servers.map(closed))
  }

  /** Closes connections that nothing was sent over yet. */
  closeSilent(): void {
    for (const socket of this.#undecided.keys()) socket.destroy()
    // Before its handshake a connection over TLS is known to nobody else.
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
  }

  closeAll(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #accept(socket: Socket): void {
    // Over all listeners; Node's own limit counts those of one.
    if (this.#open.size >= this.#options.limits.connections) {
      socket.on('error', ignore)
      socket.destroy()
      return
    }
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    if (this.#tls) this.#tls.emit('connection', socket)
    else this.#decide(socket, undefined)
  }

  #decide(socket: Socket, known: Protocol | undefined): void {
    this.#undecided.set(socket, performance.now())
    let first: Buffer | undefined
    const read = () => {
      const chunk: Buffer | null = socket.read()
      if (chunk === null) {
        // The other end closed, and whoever said so little wants no answer.
        if (socket.readableEnded || socket.destroyed) socket.destroy()
        return
      }
      first = first ? Buffer.concat([first, chunk]) : chunk
      const protocol = known ?? protocolOf(first)
      if (!protocol || !this.#undecided.delete(socket)) return
      socket.off('readable', read)
      socket.unshift(first)
      this.#options.take(socket, protocol)
    }
    socket.on('readable', read)
    socket.on('end', () => {
      if (this.#undecided.has(socket)) socket.destroy()
    })
    socket.on('error', ignore)
    socket.once('close', () => this.#undecided.delete(socket))
  }
}

function createTls(options: Parameters<typeof createTlsServer>[0]): TlsServer {
  try {
    return createTlsServer({ ...options, ALPNProtocols: ['h2', 'http/1.1'] })
  } catch (cause) {
    throw new AtlasError(
      'failed_precondition',
      `the certificate or its key cannot be used: ${(cause as Error).message}; give both in PEM, the key without a password`,
      { cause },
    )
  }
}

/** Whoever takes the connection over hears of the error; before that there is nobody to tell. */
function ignore(): void {}
