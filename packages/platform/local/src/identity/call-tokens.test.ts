import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, endpoint } from '@atlas/contract'
import { interfaceOf } from '@atlas/interface'
import { type Server, serve, serveGateway, Upstream } from '@atlas/runtime'
import { type Instance, servlet, startInstance } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type CallTokens, createCallTokens } from './call-tokens.ts'

const vault = contract('vault', {
  who: endpoint({ route: 'GET /vault/who', output: z.object({ caller: z.string() }) }),
})

let folder: string
let instance: Instance
let host: Server
let upstream: Upstream
let gateway: Server
let outside: Server
let tokens: CallTokens
let runs = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-identity-'))
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  instance = await startInstance(
    servlet(vault, {
      who: async (_input, ctx) => {
        runs++
        return { caller: ctx.caller ?? 'nobody' }
      },
    }),
    {
      transportTo: () => {
        throw new Error('calls nobody')
      },
      stores: {},
      config: {},
      secrets: {},
      log: silent,
    },
  )
  const path = join(folder, 'host.sock')
  host = await serve({ path, listener: 'gateway', instances: () => [instance], telemetry: false })
  upstream = new Upstream(path)
  tokens = await createCallTokens()
  const common = {
    servlets: () => [
      {
        name: 'vault',
        routes: [{ endpoint: 'who', route: 'GET /vault/who' }],
        mounts: [],
        document: () => interfaceOf(vault),
      },
    ],
    forward: (...[name, request, hop]: Parameters<Parameters<typeof serveGateway>[0]['forward']>) =>
      upstream.forward(request, hop, name),
  }
  gateway = await serveGateway({
    ...common,
    path: join(folder, 'internal.sock'),
    callerOf: tokens.callerOf,
  })
  outside = await serveGateway({ ...common, path: join(folder, 'public.sock') })
})
afterAll(async () => {
  for (const server of [gateway, outside, host]) await server.close({ graceMs: 0 })
  upstream.destroy()
  await instance.close()
  await rm(folder, { recursive: true })
})

interface Protocol {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** The answer of who was let in, and the code of who was refused. */
  outcome(headers: IncomingHttpHeaders, body: Buffer): string
}

const statusNames: Readonly<Record<string, string>> = { '7': 'permission_denied', '16': 'unauthenticated' }
const ofJson = (_headers: IncomingHttpHeaders, body: Buffer): string => {
  const { caller, code } = JSON.parse(body.toString()) as { caller?: string; code?: string }
  return caller ?? code!
}

const protocols: Readonly<Record<string, Protocol>> = {
  HTTP: { method: 'GET', path: '/vault/who', headers: {}, outcome: ofJson },
  Connect: {
    method: 'POST',
    path: '/vault.Vault/Who',
    headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
    body: Buffer.from('{}'),
    outcome: ofJson,
  },
  gRPC: {
    method: 'POST',
    path: '/vault.Vault/Who',
    headers: { 'content-type': 'application/grpc+json', te: 'trailers' },
    // Nothing but the prefix of a message that is empty: five bytes, then the two of {}.
    body: Buffer.from([0, 0, 0, 0, 2, ...Buffer.from('{}')]),
    outcome: (headers, body) => {
      const status = String(headers['grpc-status'])
      return status === '0' ? ofJson(headers, body.subarray(5)) : statusNames[status]!
    },
  },
}

async function ask(server: Server, protocol: Protocol, own: Readonly<Record<string, string>>) {
  const session = connect('http://vault', {
    createConnection: () => connectSocket(server.url.slice('unix:'.length)),
  })
  try {
    const stream = session.request({
      ':method': protocol.method,
      ':path': protocol.path,
      ...protocol.headers,
      ...own,
    })
    stream.end(protocol.body)
    let headers: IncomingHttpHeaders = {}
    stream.on('response', (given) => {
      headers = { ...headers, ...given }
    })
    stream.on('trailers', (given) => {
      headers = { ...headers, ...given }
    })
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return protocol.outcome(headers, Buffer.concat(chunks))
  } finally {
    session.destroy()
  }
}

describe.each(Object.entries(protocols))('a call by %s', (_name, protocol) => {
  /** Whether the handler ran must be as said, too: a refusal is one before anything happened. */
  async function outcome(server: Server, headers: Readonly<Record<string, string>>) {
    const before = runs
    const answer = await ask(server, protocol, headers)
    return [answer, runs - before]
  }

  it('with a token for the servlet is let in, as whom the token names', async () => {
    const token = await tokens.issue('files', 'vault')
    expect(await outcome(gateway, { 'x-atlas-token': token })).toEqual(['files', 1])
    expect(await outcome(gateway, { 'x-atlas-token': token, 'x-atlas-caller': 'identity' })).toEqual([
      'files',
      1,
    ])
  })

  it('without a token is refused, whatever its headers say', async () => {
    expect(await outcome(gateway, {})).toEqual(['unauthenticated', 0])
    const spoofed = { 'x-atlas-caller': 'files', 'x-atlas-listener': 'internal' }
    expect(await outcome(gateway, spoofed)).toEqual(['unauthenticated', 0])
  })

  it('with a token for another servlet is refused', async () => {
    const stolen = await tokens.issue('files', 'identity')
    expect(await outcome(gateway, { 'x-atlas-token': stolen })).toEqual(['permission_denied', 0])
    // Also when the gateway has seen it, and found it good for what it is for.
    expect(await tokens.callerOf(stolen, 'identity')).toBe('files')
    expect(await outcome(gateway, { 'x-atlas-token': stolen })).toEqual(['permission_denied', 0])
  })

  it('with a token of another run, or none at all, is refused', async () => {
    const other = await (await createCallTokens()).issue('files', 'vault')
    expect(await outcome(gateway, { 'x-atlas-token': other })).toEqual(['unauthenticated', 0])
    expect(await outcome(gateway, { 'x-atlas-token': 'files' })).toEqual(['unauthenticated', 0])
    const [head, , signature] = other.split('.')
    const claims = { iss: 'atlas-local', sub: 'files', aud: 'vault', exp: 9e9 }
    const payload = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const forged of [
      `${head}.${payload(claims)}.${signature}`,
      `${payload({ alg: 'none' })}.${payload(claims)}.`,
    ])
      expect(await outcome(gateway, { 'x-atlas-token': forged })).toEqual(['unauthenticated', 0])
  })

  it('from outside is refused, with a good token too', async () => {
    const token = await tokens.issue('files', 'vault')
    const headers = { 'x-atlas-token': token, 'x-atlas-caller': 'files', 'x-atlas-listener': 'internal' }
    expect(await outcome(outside, headers)).toEqual(['permission_denied', 0])
  })
})

describe.each(Object.entries(protocols))('a token that expired, by %s,', (_name, protocol) => {
  it('is refused, though it was good before', async () => {
    const shortLived = await createCallTokens({ lifetimeMs: 2000 })
    const server = await serveGateway({
      servlets: () => [
        {
          name: 'vault',
          routes: [{ endpoint: 'who', route: 'GET /vault/who' }],
          mounts: [],
          document: () => interfaceOf(vault),
        },
      ],
      forward: (name, request, hop) => upstream.forward(request, hop, name),
      path: join(folder, `short-${Math.random()}.sock`),
      callerOf: shortLived.callerOf,
    })
    const token = await shortLived.issue('files', 'vault')
    const answers = new Set<string>()
    await expect
      .poll(
        async () => {
          const answer = await ask(server, protocol, { 'x-atlas-token': token })
          answers.add(answer)
          return answer
        },
        { timeout: 60_000 },
      )
      .toBe('unauthenticated')
    expect([...answers].filter((answer) => answer !== 'unauthenticated')).toEqual(
      answers.size > 1 ? ['files'] : [],
    )
    await server.close({ graceMs: 0 })
  })
})
