import type { Socket } from 'node:net'

/** What Node says of bytes that came while its parser was paused. */
export interface PausedError extends NodeJS.ErrnoException {
  readonly code: 'HPE_PAUSED'
  /** All of what came; the parser looked at none of it. */
  readonly rawPacket: Buffer
}

export function isPaused(error: NodeJS.ErrnoException): error is PausedError {
  return error.code === 'HPE_PAUSED' && Buffer.isBuffer((error as Partial<PausedError>).rawPacket)
}

/**
 * Keeps what came while the parser was paused, for when it goes on.
 *
 * Node pauses its parser when a request comes over a connection whose client is behind with answers, and reads no more from the
 * connection. Over TLS that is too late for records that came in one packet with that request: they are decrypted and handed to
 * the parser all the same, which calls them an error. Nothing is wrong with them. The parser takes bytes past the
 * stream that a socket is; the stream can hold them, in order and up to its limit, and is read on when the client caught up.
 */
export function keepPaused({ rawPacket }: PausedError, socket: Socket): void {
  if (socket.destroyed) return
  socket.push(rawPacket)
  // Whoever listens for data makes Node's parser take it from the stream from here on. It stays paused.
  if (!socket.listeners('data').includes(ignore)) socket.on('data', ignore)
}

function ignore(): void {}
