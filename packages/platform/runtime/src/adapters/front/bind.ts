import type { ListenOptions, Server } from 'node:net'

/**
 * How many connections the kernel completes before they are accepted. Of more it drops the first packets, and those clients try
 * again after a second, then after three. Node asks for 511; kernels allow no more than their own limit
 * (`net.core.somaxconn`, 4096 on Linux).
 */
const backlog = 4096

/** Resolves to the server when it listens. @throws NodeJS.ErrnoException when it cannot; it is closed then */
export function bind(server: Server, options: ListenOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...options, backlog }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
