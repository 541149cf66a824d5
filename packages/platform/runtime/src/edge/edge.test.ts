import { AtlasError, contract, endpoint } from '@atlas/contract'
import { node, servlet, startInstance } from '@atlas/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Server, serve } from '../serve.ts'
import type { EdgePolicy } from './edge-policy.ts'

const api = contract('notes', {
  read: endpoint({
    route: 'GET /notes',
    access: 'public',
    input: z.object({}),
    output: z.object({ n: z.int() }),
  }),
  write: endpoint({
    route: 'POST /notes',
    access: 'user',
    input: z.object({}),
    output: z.object({ by: z.string() }),
  }),
})
const User = z.object({ id: z.string() })
const implementation = servlet(
  api,
  {
    user: User,
    mount: {
      '/app': node(
        () => (request, response) => {
          response.end(JSON.stringify({ authorization: request.headers.authorization ?? null }))
        },
        { access: 'public' },
      ),
      '/own': node(
        () => (_, response) => {
          response.setHeader('access-control-allow-origin', 'https://own.example')
          response.end('own')
        },
        { access: 'public' },
      ),
    },
  },
  {
    read: async () => ({ n: 1 }),
    write: async (_, { user }) => ({ by: user.id }),
  },
)
const friend = 'https://app.acme.example'
const edge: EdgePolicy = {
  cors: { origins: [friend], credentials: true, maxAgeSeconds: 600 },
  cookies: { session: 'session', sameSite: 'lax', secure: true, maxAgeDays: 30 },
}

async function serveWith(policy: EdgePolicy): Promise<Server> {
  const instance = await startInstance(implementation, {
    transportTo: () => {
      throw new Error('calls nobody')
    },
    stores: {},
    config: {},
    secrets: {},
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  return serve({
    instances: () => [instance],
    telemetry: false,
    edge: policy,
    authenticate: async (token) => {
      if (token !== 'good token') throw new AtlasError('unauthenticated', 'no such token')
      return { id: 'ada' }
    },
  })
}

let server: Server
beforeAll(async () => {
  server = await serveWith(edge)
})
afterAll(() => server.close({ graceMs: 0 }))

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { method, headers })
const cookie = 'theme=dark; session=good%20token'

describe('cors', () => {
  it('answers what browsers ask beforehand, for origins that are named', async () => {
    const question = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-a, content-type',
    }
    const allowed = await ask('OPTIONS', '/notes', { origin: friend, ...question })
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'x-a, content-type',
      'access-control-max-age': '600',
      vary: 'origin, access-control-request-method, access-control-request-headers',
    })
    const other = await ask('OPTIONS', '/notes', { origin: 'https://evil.example', ...question })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    expect(other.headers.get('access-control-allow-methods')).toBeNull()
  })

  it.each([
    ['an answer', '/notes', 200],
    ['an error', '/nothing', 404],
    ['a mounted app', '/app', 200],
    ['a page of the platform', '/-/ready', 200],
  ])('lets named origins read %s, and no other', async (_what, path, status) => {
    const answer = await ask('GET', path, { origin: friend })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, friend])
    expect(answer.headers.get('vary')).toContain('origin')
    for (const origin of ['https://evil.example', `${friend}.evil.example`, 'null'])
      expect((await ask('GET', path, { origin })).headers.get('access-control-allow-origin')).toBeNull()
    expect((await ask('GET', path)).headers.get('vary')).toContain('origin')
  })

  it('leaves what a mounted app says of its own', async () => {
    const answer = await ask('GET', '/own', { origin: friend })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://own.example')
  })

  it('says * where all origins may, without credentials', async () => {
    const open = await serveWith({ cors: { origins: ['*'], credentials: false, maxAgeSeconds: 0 } })
    const { headers } = await fetch(`${open.url}/notes`, { headers: { origin: 'https://any.example' } })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    await open.close({ graceMs: 0 })
  })
})

describe('the session cookie', () => {
  it('is made of a token that is accepted, out of the reach of scripts, and forgotten again', async () => {
    const made = await ask('POST', '/-/session', { authorization: 'Bearer good token' })
    expect(made.status).toBe(204)
    expect(made.headers.get('set-cookie')).toBe(
      'session=good%20token; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure',
    )
    const ended = await ask('DELETE', '/-/session', { cookie })
    expect(ended.headers.get('set-cookie')).toMatch(/^session=; Path=\/; Max-Age=0;/)
    expect((await ask('POST', '/-/session', { authorization: 'Bearer bad' })).status).toBe(401)
    expect((await ask('POST', '/-/session')).status).toBe(401)
    expect((await ask('POST', '/-/session', { cookie })).status).toBe(401)
    expect((await ask('GET', '/-/session')).status).toBe(405)
  })

  it('signs a request in, unless a token of its own comes with it', async () => {
    expect(await (await ask('POST', '/notes', { cookie })).json()).toEqual({ by: 'ada' })
    expect((await ask('POST', '/notes', { cookie, authorization: 'Bearer bad' })).status).toBe(401)
    expect((await ask('POST', '/notes', { cookie: 'other=good%20token' })).status).toBe(401)
    expect((await ask('POST', '/notes', { cookie: 'session=%' })).status).toBe(401)
    expect((await ask('POST', '/notes')).status).toBe(401)
  })

  it('is not told to mounted apps, which may have tokens of their own', async () => {
    expect(await (await ask('GET', '/app', { cookie })).json()).toEqual({ authorization: null })
  })

  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page that hides its origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    [
      'another site of the same company',
      { 'sec-fetch-site': 'same-site', origin: 'https://blog.acme.example' },
    ],
  ] as [string, Record<string, string>][])('does not sign in what %s sends', async (_who, headers) => {
    const answer = await ask('POST', '/notes', { cookie, ...headers })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'permission_denied' })
    // What changes nothing cannot be forged, and without the cookie there is nothing to abuse.
    expect((await ask('GET', '/notes', { cookie, ...headers })).status).toBe(200)
    expect((await ask('POST', '/notes', headers)).status).toBe(401)
  })

  it('signs in what pages of its own origin, and named ones, send', async () => {
    for (const headers of [{ origin: server.url }, { origin: friend }, { 'sec-fetch-site': 'same-origin' }])
      expect((await ask('POST', '/notes', { cookie, ...headers } as Record<string, string>)).status).toBe(200)
  })
})

it('changes nothing where an environment says nothing', async () => {
  const plain = await serveWith({})
  const answer = await fetch(`${plain.url}/notes`, { headers: { origin: friend, cookie } })
  expect(answer.headers.get('vary')).toBeNull()
  expect((await fetch(`${plain.url}/notes`, { method: 'POST', headers: { cookie } })).status).toBe(401)
  expect((await fetch(`${plain.url}/-/session`, { method: 'POST' })).status).toBe(404)
  await plain.close({ graceMs: 0 })
})
