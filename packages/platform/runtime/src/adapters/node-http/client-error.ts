import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AtlasError } from '@atlas/contract'
import { encodeError } from '../../http/encode-response.ts'
import type { Exchanges } from '../exchange.ts'
import { HttpExchange } from './exchange.ts'

/** Answers what is not HTTP, and closes its connection: nobody knows where the next request would begin. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket, { live }: Exchanges): void {
  // A connection that ends inside of a request is a caller that went away, and makes no mistake.
  if (error.code === 'ECONNRESET' || error.code === 'HPE_INVALID_EOF_STATE' || !socket.writable) {
    socket.destroy()
    return
  }
  const refused = errorOf(error)
  // Answers go out in turn: those before the last are not touched by what came after them.
  const last = [...live].findLast(
    (exchange): exchange is HttpExchange =>
      exchange instanceof HttpExchange && exchange.request.socket === socket,
  )
  if (last) return last.malformed(refused)
  const { status, headers, body } = encodeError(refused, ['connection', 'close'])
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`
  socket.end(`${head}\r\n${body}`, () => socket.destroy())
}

function errorOf({ code }: NodeJS.ErrnoException): AtlasError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new AtlasError('resource_exhausted', 'the request line and headers are too large', {
      httpStatus: 431,
    })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new AtlasError('deadline_exceeded', 'the request did not arrive in time', { httpStatus: 408 })
  return new AtlasError('invalid_argument', 'this is not a valid HTTP/1.1 request')
}
