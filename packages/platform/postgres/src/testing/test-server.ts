import { acquireServer } from '../server/acquire.ts'

const servers = new Map<string, Promise<string>>()

/**
 * The URL of the server that tests of a workspace share: `ATLAS_POSTGRES_URL` where it is set, else one that is started for
 * them and ends soon after the last of them. Held until this process ends.
 */
export function testServer(folder: string): Promise<string> {
  const given = process.env.ATLAS_POSTGRES_URL
  if (given) return Promise.resolve(given)
  let server = servers.get(folder)
  if (!server) {
    server = acquireServer(folder, 'test').then(({ url }) => url)
    servers.set(folder, server)
    // Whoever asks next may have more luck.
    server.catch(() => servers.delete(folder))
  }
  return server
}
