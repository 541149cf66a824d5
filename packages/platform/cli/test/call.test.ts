import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, newCompany, runWith } from './company.ts'
import { type Platform, start } from './platform.ts'

const dir = 'packages/servlets/things'

let company: Company
let platform: Platform

beforeAll(async () => {
  company = await newCompany()
  await company.atlas('new', 'servlet', 'things', '--store', 'content=blobs')
  await company.write(
    `${dir}/src/contract.ts`,
    `import { bytes, contract, endpoint, error, stream } from '@atlas/contract'
import * as z from 'zod'

export const things = contract('things', {
  find: endpoint({
    route: 'GET /things/{id}',
    access: 'public',
    input: z.object({
      id: z.string(),
      limit: z.int().min(1).default(3),
      tags: z.array(z.string()).default([]),
      kind: z.enum(['small', 'large']).optional(),
    }),
    output: z.object({ id: z.string(), limit: z.int(), tags: z.array(z.string()), user: z.string() }),
    errors: { lost: error('not_found', { id: z.string() }) },
  }),
  make: endpoint({
    route: 'POST /things',
    access: 'public',
    input: z.object({ owner: z.object({ email: z.email() }) }),
    output: z.object({ email: z.string() }),
  }),
  count: endpoint({
    route: 'GET /numbers',
    access: 'public',
    input: z.object({ to: z.int() }),
    output: stream(z.object({ n: z.int() })),
    errors: { tooMany: error('out_of_range', { max: z.int() }) },
  }),
  keep: endpoint({
    route: 'PUT /content/{path*}',
    access: 'public',
    input: z.object({ path: z.string() }),
    body: bytes({ types: ['text/plain', 'image/png'] }),
    output: z.object({ sizeBytes: z.int(), contentType: z.string() }),
  }),
  get: endpoint({
    route: 'GET /content/{path*}',
    access: 'public',
    input: z.object({ path: z.string() }),
    output: bytes(),
  }),
  slow: endpoint({ route: 'GET /slow', access: 'public' }),
  fail: endpoint({ route: 'GET /fail', access: 'public' }),
  inside: endpoint({ route: 'GET /inside', access: 'internal' }),
  mine: endpoint({ route: 'GET /mine', access: 'user' }),
})
`,
  )
  await company.write(
    `${dir}/src/servlet.ts`,
    `import { servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
import { things } from './contract.ts'

export default servlet(
  things,
  { manifest },
  {
    find: async ({ id, limit, tags }, { errors }) => {
      if (id === 'lost') throw errors.lost({ id })
      return { id, limit, tags, user: 'nobody' }
    },
    make: async ({ owner }) => ({ email: owner.email }),
    count: async function* ({ to }, { errors }) {
      for (let n = 1; n <= to; n++) {
        if (n > 3) throw errors.tooMany({ max: 3 })
        yield { n }
      }
    },
    keep: async ({ path, body }, { stores }) => {
      const { sizeBytes, contentType } = await stores.content.put(path, body, { contentType: body.contentType })
      return { sizeBytes, contentType }
    },
    get: async ({ path }, { stores }) => {
      const found = await stores.content.get(path)
      if (!found) throw new Error('none')
      return found.body
    },
    slow: async () => {
      await new Promise((done) => setTimeout(done, 20_000))
      return {}
    },
    fail: async () => {
      throw new Error('a bug')
    },
    inside: async () => ({}),
    mine: async () => ({}),
  },
)
`,
  )
  const written = await company.atlas('interface')
  if (written.code !== 0) throw new Error(written.stderr)
  platform = await start(company)
}, 120_000)

afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await company[Symbol.asyncDispose]()
})

const call = (...args: string[]) => company.atlas('call', '--url', platform.url, ...args)
const callJson = async (...args: string[]) => {
  const { code, stdout } = await call('--json', ...args)
  return { code, ...JSON.parse(stdout) }
}

describe('atlas call', () => {
  it('prints the answer, and nothing else', async () => {
    const { code, stdout, stderr } = await call(
      'things.find',
      '{"id": "a b/c", "tags": ["x", "y"], "limit": 5}',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ id: 'a b/c', limit: 5, tags: ['x', 'y'], user: 'nobody' })
  })

  it('leaves defaults to the servlet, and sends bodies', async () => {
    expect(await callJson('things.find', '{"id": "1"}')).toMatchObject({
      code: 0,
      ok: true,
      value: { limit: 3, tags: [] },
    })
    expect(await callJson('things.make', '{"owner": {"email": "a@b.example"}}')).toEqual({
      code: 0,
      ok: true,
      value: { email: 'a@b.example' },
    })
  })

  it('reads its input from standard input', async () => {
    const args = ['call', '--url', platform.url, 'things.find', '-']
    const { code, stdout } = await runWith('{"id": "piped"}', company, args)
    expect({ code, id: JSON.parse(stdout).id }).toEqual({ code: 0, id: 'piped' })
  })

  it('prints a stream one item a line, as one document with --json, and why it ended early', async () => {
    expect(await call('things.count', '{"to": 3}')).toEqual({
      code: 0,
      stdout: '{"n":1}\n{"n":2}\n{"n":3}\n',
      stderr: '',
    })
    expect(await callJson('things.count', '{"to": 2}')).toEqual({
      code: 0,
      ok: true,
      items: [{ n: 1 }, { n: 2 }],
    })
    const early = await call('things.count', '{"to": 9}')
    expect(early).toMatchObject({ code: 1, stdout: '{"n":1}\n{"n":2}\n{"n":3}\n' })
    expect(early.stderr).toMatch(/^error: out_of_range \(tooMany\): .* \{"max":3\}\n$/)
  })

  it('carries bytes both ways, whole files or none', async () => {
    const bytes = `${'ü'.repeat(2_000_000)}end`
    await company.write('big.txt', bytes)
    expect(await callJson('things.keep', '{"path": "a/big.txt"}', '--body', 'big.txt')).toEqual({
      code: 0,
      ok: true,
      value: { sizeBytes: 4_000_003, contentType: 'text/plain' },
    })
    const got = await call('things.get', '{"path": "a/big.txt"}')
    expect(got.stdout === bytes).toBe(true)
    expect(await callJson('things.get', '{"path": "a/big.txt"}', '--output', 'got.txt')).toMatchObject({
      code: 0,
      file: 'got.txt',
      sizeBytes: 4_000_003,
    })
    expect((await company.read('got.txt')) === bytes).toBe(true)
    expect(await callJson('things.get', '{"path": "none"}', '--output', 'none.txt')).toMatchObject({
      code: 1,
      ok: false,
    })
    expect((await readdir(company.root)).filter((name) => name.includes('none'))).toEqual([])
    expect(await callJson('things.get', '{"path": "a/big.txt"}')).toMatchObject({
      code: 2,
      error: { message: expect.stringContaining('--output') },
    })
  })

  it('sends a body of standard input, with the type that is named', async () => {
    const args = [
      'call',
      '--url',
      platform.url,
      'things.keep',
      '{"path": "x.png"}',
      '--body',
      '-',
      '--content-type',
      'image/png',
    ]
    const { stdout } = await runWith('png', company, args)
    expect(JSON.parse(stdout)).toEqual({ sizeBytes: 3, contentType: 'image/png' })
  })

  it('ends with 1 for an error of the servlet, typed or not, with code, kind and data', async () => {
    expect(await callJson('things.find', '{"id": "lost"}')).toEqual({
      code: 1,
      ok: false,
      error: {
        code: 'not_found',
        kind: 'lost',
        message: expect.any(String),
        data: { id: 'lost' },
        httpStatus: 404,
      },
    })
    expect(await callJson('things.fail')).toMatchObject({ code: 1, error: { code: 'internal' } })
    expect((await call('things.inside')).stderr).toContain('it is internal: other servlets may call it')
    expect((await call('things.mine')).stderr).toContain('--token')
  })

  it('ends with 3 when time runs out, and when nobody answers', async () => {
    expect(await callJson('things.slow', '--timeout', '300')).toMatchObject({
      code: 3,
      error: { code: 'deadline_exceeded' },
    })
    const free = createServer().listen(0, '127.0.0.1')
    await new Promise((ready) => free.once('listening', ready))
    const { port } = free.address() as { port: number }
    await new Promise((closed) => free.close(closed))
    const away = await company.atlas('call', 'things.find', '{"id": "1"}', '--port', String(port))
    expect(away.code).toBe(3)
    expect(away.stderr).toContain(
      `nothing answers at http://127.0.0.1:${port} (ECONNREFUSED); start the platform with npm start`,
    )
  })

  it.each([
    ['an unknown servlet', ['thing.find'], `there is no servlet 'thing'; did you mean 'things'?`],
    ['an unknown endpoint', ['things.fnid'], `things has no endpoint 'fnid'; did you mean 'find'?`],
    ['a servlet without an endpoint', ['things'], 'things has count, fail, find'],
    ['input that is no JSON', ['things.find', '{id: 1}'], 'the input is not JSON'],
    ['input that is no object', ['things.find', '[1]'], 'the input must be object'],
    ['a field that is missing', ['things.find', '{"di": "1"}'], "id: is missing, and 'di' is no field of it"],
    ['a field of another type', ['things.find', '{"id": 1}'], 'id: must be string, and is 1'],
    ['a value that is not allowed', ['things.find', '{"id": "1", "kind": "smal"}'], `did you mean 'small'?`],
    [
      'a field deep inside',
      ['things.make', '{"owner": {"email": "x"}}'],
      'owner.email: must match format "email", and is "x"',
    ],
    [
      'no body where one is needed',
      ['things.keep', '{"path": "a"}'],
      'takes bytes (text/plain, image/png): name the file',
    ],
    ['a body where there is none', ['things.find', '{"id": "1"}', '--body', 'x'], 'takes no bytes'],
    [
      'a body that is not there',
      ['things.keep', '{"path": "a"}', '--body', 'nope.txt'],
      'nope.txt cannot be read (ENOENT)',
    ],
    ['a body that is a folder', ['things.keep', '{"path": "a"}', '--body', 'infra'], 'infra is not a file'],
    [
      'a folder to write to',
      ['things.find', '{"id": "1"}', '--output', 'nope/x'],
      'nope/x cannot be written (ENOENT)',
    ],
    ['a timeout that is none', ['things.slow', '--timeout', '1s'], 'write milliseconds'],
    ['a port beside a URL', ['things.slow', '--port', '1'], 'cannot be used with'],
    ['nothing to call', [], "missing required argument 'servlet.endpoint'"],
  ])('refuses %s before it sends anything, with 2', async (_what, args, message) => {
    const { code, stderr, stdout } = await call(...args)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('warns of a field that the endpoint ignores, and sends the rest', async () => {
    const { code, stderr } = await call('things.find', '{"id": "1", "limti": 5}')
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "warning: things.find has no field 'limti' and ignores it; did you mean 'limit'?\n",
    })
  })

  it('says of a servlet without an interface document how to get one', async () => {
    await using other = await newCompany()
    const result = await other.atlas('call', 'greeter.greet', '{"name": "ada"}')
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('run npx atlas interface greeter')
  })
})
