import { once } from 'node:events'
import { request } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import type { Socket } from 'node:net'
import type { Running } from '../cluster.ts'

/** A connection to an address inside a cluster, by the proxy that leads there. */
export async function connect(running: Running, address: string): Promise<Socket> {
  const asked = request({ host: '127.0.0.1', port: running.ports.proxy, method: 'CONNECT', path: address })
  asked.end()
  const [response, socket] = (await once(asked, 'connect')) as [{ statusCode?: number }, Socket]
  if (response.statusCode !== 200) throw new Error(`CONNECT ${address}: ${response.statusCode}`)
  return socket
}

/** A session of HTTP/2 without TLS to an address inside; `host` is what requests name as theirs. */
export async function openHttp2(
  running: Running,
  address: string,
  host: string,
): Promise<ClientHttp2Session> {
  const socket = await connect(running, address)
  const session = connectHttp2(`http://${host}`, { createConnection: () => socket })
  await once(session, 'connect')
  return session
}

/** One request of HTTP/1.1 to an address inside. */
export async function ask(
  running: Running,
  address: string,
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const socket = await connect(running, address)
  try {
    const asked = request({ host, path, headers: { host, ...headers }, createConnection: () => socket })
    asked.end()
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode, text }
  } finally {
    socket.destroy()
  }
}
