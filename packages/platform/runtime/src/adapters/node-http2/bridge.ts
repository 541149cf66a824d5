import { createServer, type Server } from 'node:http'
import { AtlasError } from '@atlas/contract'
import type { RunningMount } from '@atlas/sdk'
import type { Limits } from '../../limits.ts'
import { handOver } from '../node-http/mount.ts'
import { BridgeSocket } from './bridge-socket.ts'
import { Crossing } from './crossing.ts'
import type { Http2Exchange } from './exchange.ts'

/**
 * Lets requests that came over HTTP/2 into mounted apps. Those know HTTP/1.1 only: Express given the look-alikes of
 * Node's `http2` ends its process. So a request is written as HTTP/1.1 into a connection in memory, from which a server
 * of Node's `http` reads it, and the answer is read from there again.
 */
export class Bridge {
  readonly #server: Server

  constructor({ headerBytes }: Limits) {
    this.#server = createServer({
      // Limits were kept where the request came in; here its headers only take a little more room.
      maxHeaderSize: headerBytes * 2,
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0,
    })
    this.#server.maxHeadersCount = 0
    this.#server.on('clientError', (_error, socket) => {
      crossingOf(socket)?.exchange.mountFailed(inexpressible())
      socket.destroy()
    })
    this.#server.on('request', (request, response) => {
      const { exchange, mount } = crossingOf(request.socket)!
      const { scope, path, query } = exchange
      const mountFailed = (error: AtlasError) => {
        exchange.mountFailed(error)
        response.destroy()
      }
      void handOver({ request, response, scope, path, query, mountFailed }, mount)
    })
  }

  /** Gives a request to a mounted app, and the app's answer to the exchange. */
  handOver(exchange: Http2Exchange, mount: RunningMount): Crossing {
    const { idleBridges } = exchange.session
    const socket = idleBridges.pop() ?? this.#connect(exchange)
    const crossing = new Crossing(exchange, mount, socket, (free) => idleBridges.push(free))
    try {
      crossing.begin()
    } catch {
      exchange.mountFailed(inexpressible())
      socket.destroy()
    }
    return crossing
  }

  end(): void {
    this.#server.close()
  }

  #connect({ session }: Http2Exchange): BridgeSocket {
    const socket = new BridgeSocket(session.socket)
    socket.once('close', () => {
      const at = session.idleBridges.indexOf(socket)
      if (at >= 0) session.idleBridges.splice(at, 1)
    })
    this.#server.emit('connection', socket)
    return socket
  }
}

function crossingOf(socket: object): Crossing | undefined {
  return (socket as BridgeSocket).other as Crossing | undefined
}

/** Of a method, path or header that HTTP/2 lets through and HTTP/1.1 does not. */
function inexpressible(): AtlasError {
  return new AtlasError(
    'invalid_argument',
    'this request cannot be written as HTTP/1.1, which is served here',
  )
}
