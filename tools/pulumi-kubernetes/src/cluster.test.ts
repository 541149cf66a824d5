import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Cluster, ClusterError, loadConfig } from './cluster.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A client of a server of our own, and what the server was asked. */
async function clusterOf(answer: RequestListener): Promise<{ cluster: Cluster; asked: string[] }> {
  const asked: string[] = []
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = (server.address() as AddressInfo).port
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    // Else the client does not do without TLS.
    clusters: [
      { name: 'x', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'x', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    'current-context': 'x',
  }
  return { cluster: new Cluster(loadConfig({ kubeconfig: JSON.stringify(config) })), asked }
}

test('asks a busy server again when it says when', async () => {
  let left = 2
  const { cluster, asked } = await clusterOf((_, response) => {
    if (left-- > 0) response.writeHead(429, { 'retry-after': '0' }).end('too many requests')
    else response.end('{"kind":"Made"}')
  })
  expect(await cluster.ask('POST', '/things', {})).toEqual({ kind: 'Made' })
  expect(asked).toEqual(['POST /things', 'POST /things', 'POST /things'])
})

test('gives up on a server that stays busy, with what it says', async () => {
  const { cluster, asked } = await clusterOf((_, response) =>
    response
      .writeHead(503, { 'retry-after': '0' })
      .end('{"reason":"ServiceUnavailable","message":"not now"}'),
  )
  await expect(cluster.ask('GET', '/things')).rejects.toThrow('not now')
  expect(asked).toHaveLength(10)
})

test('asks once what is refused, or put off without a word when', async () => {
  const { cluster, asked } = await clusterOf((request, response) =>
    response
      .writeHead(request.url === '/refused' ? 409 : 503, { 'content-type': 'application/json' })
      .end('{}'),
  )
  await expect(cluster.ask('POST', '/refused', {})).rejects.toThrow(ClusterError)
  await expect(cluster.ask('POST', '/off', {})).rejects.toThrow(ClusterError)
  expect(asked).toHaveLength(2)
})

test('reads again when the connection breaks, and does not write twice', async () => {
  let left = 1
  const { cluster, asked } = await clusterOf((request, response) => {
    if (request.method === 'POST' || left-- > 0) request.socket.destroy()
    else response.end('{"kind":"Read"}')
  })
  expect(await cluster.ask('GET', '/things')).toEqual({ kind: 'Read' })
  await expect(cluster.ask('POST', '/things', {})).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(asked).toEqual(['GET /things', 'GET /things', 'POST /things'])
})
