import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bytes } from './bytes.ts'
import type { Problem } from './check/problem.ts'
import { ContractError, contract, type Endpoints } from './contract.ts'
import { endpoint } from './endpoint.ts'
import { error } from './error.ts'
import { page, paging } from './page.ts'
import { stream } from './stream.ts'

function problemsOf(endpoints: Endpoints, name = 'greeter'): readonly Problem[] {
  try {
    contract(name, endpoints)
    return []
  } catch (thrown) {
    if (thrown instanceof ContractError) return thrown.problems
    throw thrown
  }
}

const greet = endpoint({
  route: 'GET /greet/{name}',
  access: 'public',
  input: z.object({ name: z.string() }),
  output: z.object({ message: z.string() }),
  errors: { nobody: error('not_found', { name: z.string() }) },
})

describe('a contract', () => {
  it('is its name and its endpoints, frozen', () => {
    const greeter = contract('greeter', { greet })
    expect(greeter).toEqual({ name: 'greeter', endpoints: { greet } })
    expect([greeter, greeter.endpoints, greeter.endpoints.greet].every(Object.isFrozen)).toBe(true)
  })

  it('may use all of the language', () => {
    const Item = z.object({ id: z.string() })
    expect(
      problemsOf({
        greet,
        list: endpoint({ route: 'GET /files', input: z.object({ ...paging() }), output: page(Item) }),
        watch: endpoint({ route: 'GET /watch', output: stream(Item) }),
        read: endpoint({
          route: 'GET /content/{path*}',
          input: z.object({ path: z.string() }),
          output: bytes({ types: ['image/*'] }),
        }),
        write: endpoint({
          route: 'PUT /content/{path*}',
          input: z.object({ path: z.string() }),
          body: bytes(),
        }),
        old: endpoint({
          route: 'POST /old',
          deprecated: { since: '2026-11-01', sunset: '2026-11-01', use: 'greet' },
        }),
        free: endpoint({ route: 'POST /free', input: z.object({ value: z.json() }), grpc: false }),
        nothing: endpoint({ route: 'GET /' }),
      }),
    ).toEqual([])
  })

  it('tells all that is wrong at once, in lines that read well', () => {
    const endpoints = {
      greet: endpoint({
        route: 'GET /greet/{name}',
        input: z.object({ name: z.string(), birthday: z.date() }),
        output: z.any(),
        deprecated: { since: 'May', sunset: '2026-02-30' },
      }),
      Upload: endpoint({ route: 'PUT /up/', body: bytes({ maxBytes: 0 }) }),
      other: endpoint({
        route: 'GET /{word}/ada',
        input: z.object({ word: z.string() }),
        output: z.string(),
      }),
    }
    expect(() => contract('Greeter', endpoints)).toThrow(
      new ContractError('Greeter', problemsOf(endpoints, 'Greeter')),
    )
    expect(new ContractError('Greeter', problemsOf(endpoints, 'Greeter')).message).toBe(
      [
        `contract 'Greeter' has 10 problems`,
        `  name: 'Greeter' is not a servlet name; use lower-case words joined by hyphens, as in file-links`,
        `  greet.input.birthday: a Date is not a JSON value; use z.iso.datetime() or z.iso.date()`,
        `  greet.output: z.any() says nothing about the value; write the schema of the value`,
        `  greet.deprecated.since: 'May' is not a date; write it as 2026-11-01`,
        `  greet.deprecated.sunset: '2026-02-30' is not a date; write it as 2026-11-01`,
        `  Upload: 'Upload' is not an endpoint name; use camelCase, as in listFiles`,
        `  Upload.route: 'PUT /up/' has an empty segment; write a path without '//' and without a '/' at its end`,
        `  Upload.body: maxBytes is 0; use a whole number of bytes above 0`,
        `  other.route: GET /greet/ada would match 'greet' too, and neither route is more specific; change one of the routes`,
        `  other.output: a gRPC message must be an object; wrap it: z.object({ value: ... }), or set grpc: false on the endpoint`,
      ].join('\n'),
    )
  })

  it('counts a single problem as one', () => {
    expect(new ContractError('greeter', [{ path: 'a', message: 'b', remedy: 'c' }]).message).toBe(
      `contract 'greeter' has 1 problem\n  a: b; c`,
    )
  })
})

describe('names', () => {
  it.each(['greeter', 'file-links', 'v2', 'a-1'])('a servlet may be called %s', (name) => {
    expect(problemsOf({}, name)).toEqual([])
  })

  it.each(['', 'Greeter', 'file_links', '-a', 'a-', 'a--b', '2a', 'a b', 'a.b', 'a/b'])(
    'a servlet may not be called %j',
    (name) => {
      expect(problemsOf({}, name)).toMatchObject([{ path: 'name' }])
    },
  )

  it.each(['Greet', 'list-files', 'list_files', '', '2x', 'then', 'constructor', 'toString'])(
    'neither an endpoint nor an error kind may be called %j',
    (name) => {
      expect(problemsOf({ [name]: endpoint({ route: 'GET /' }) })).toMatchObject([{ path: name }])
      const failing = endpoint({ route: 'GET /', errors: { [name]: error('not_found') } })
      expect(problemsOf({ greet: failing })).toMatchObject([{ path: `greet.errors.${name}` }])
    },
  )

  it('two endpoints may not differ in case only, for gRPC names them alike', () => {
    const endpoints = { getUrl: endpoint({ route: 'GET /a' }), getURL: endpoint({ route: 'GET /b' }) }
    expect(problemsOf(endpoints)).toEqual([
      { path: 'getURL', message: `differs from 'getUrl' in case only`, remedy: 'rename one of them' },
    ])
  })
})

describe('routes', () => {
  it('are judged pair by pair, with a path that both match', () => {
    const input = z.object({ x: z.string() })
    const problems = problemsOf({
      a: endpoint({ route: 'GET /a/{x}/c', input }),
      b: endpoint({ route: 'GET /a/b/{x}', input }),
      c: endpoint({ route: 'POST /a/b/{x}', input }),
      d: endpoint({ route: 'GET /a/b/c' }),
      e: endpoint({ route: 'GET /a/{x}/c', input }),
    })
    expect(problems.map(({ path, message }) => [path, message.split(' too')[0]])).toEqual([
      ['b.route', `GET /a/b/c would match 'a'`],
      ['e.route', `GET /a/x/c would match 'a'`],
      ['e.route', `GET /a/b/c would match 'b'`],
    ])
  })
})

describe('deprecation', () => {
  const deprecated = (since: string, sunset: string) =>
    problemsOf({ greet: endpoint({ route: 'GET /', deprecated: { since, sunset } }) })

  it.each([
    ['2026-11-01', '2027-02-28'],
    ['2028-02-29', '2028-02-29'],
  ])('may be from %s to %s', (since, sunset) => {
    expect(deprecated(since, sunset)).toEqual([])
  })

  it.each(['', '2026-1-1', '2026-13-01', '2027-02-29', '20261101', '2026-11-01T00:00:00Z', '+012026-11-01'])(
    'may not be since %j',
    (since) => {
      expect(deprecated(since, '2099-01-01')).toMatchObject([{ path: 'greet.deprecated.since' }])
    },
  )

  it('ends after it begins, as RFC 9745 says', () => {
    expect(deprecated('2026-11-02', '2026-11-01')).toEqual([
      {
        path: 'greet.deprecated.sunset',
        message: 'is before since',
        remedy: 'let callers have the time between the two',
      },
    ])
  })
})

describe('gRPC', () => {
  const input = z.object({ either: z.union([z.string(), z.int()]) })

  it('is checked where it is served, which is everywhere unless said otherwise', () => {
    const on = problemsOf({ greet: endpoint({ route: 'POST /', input }) })
    expect(on.map(({ path, message }) => [path, message])).toEqual([
      ['greet.input.either', 'protobuf has no plain unions'],
    ])
    expect(problemsOf({ greet: endpoint({ route: 'POST /', input, grpc: false }) })).toEqual([])
  })

  it('is checked in outputs, items of streams and data of errors too, but not in bytes', () => {
    const Pair = z.object({ pair: z.tuple([z.string()]) })
    const problems = problemsOf({
      one: endpoint({ route: 'GET /one', output: Pair }),
      many: endpoint({ route: 'GET /many', output: stream(Pair) }),
      fails: endpoint({ route: 'GET /fails', errors: { bad: { code: 'internal', data: Pair } } }),
      raw: endpoint({ route: 'GET /raw', output: bytes() }),
    })
    expect(problems.map((problem) => problem.path)).toEqual([
      'one.output.pair',
      'many.output.pair',
      'fails.errors.bad.pair',
    ])
  })

  it('is not asked about what is not even JSON', () => {
    const problems = problemsOf({ greet: endpoint({ route: 'GET /', output: z.array(z.date()) }) })
    expect(problems.map((problem) => problem.path)).toEqual(['greet.output[]'])
  })
})

describe('what TypeScript would have refused', () => {
  it('is refused at load too', () => {
    const untyped = (spec: object) => problemsOf({ greet: endpoint({ route: 'POST /', ...spec } as never) })
    expect(untyped({ access: 'pubic' })).toMatchObject([
      { path: 'greet.access', message: `'pubic' is not an access` },
    ])
    expect(untyped({ errors: { bad: { code: 'bad', data: z.object({}) } } })).toMatchObject([
      { path: 'greet.errors.bad', message: `'bad' is not an error code` },
    ])
    expect(untyped({ input: z.string() })).toMatchObject([
      { path: 'greet.input', message: 'an input has named fields' },
    ])
  })
})

describe('bytes', () => {
  it.each([['image/png'], ['image/*'], ['*/*'], ['application/vnd.acme.x+json']])(
    'may be of type %s',
    (type) => {
      expect(problemsOf({ greet: endpoint({ route: 'PUT /', body: bytes({ types: [type] }) }) })).toEqual([])
    },
  )

  it.each([['png'], ['image/'], ['*/png'], ['text/plain; charset=utf-8'], ['']])(
    'may not be of type %j',
    (type) => {
      expect(
        problemsOf({ greet: endpoint({ route: 'PUT /', output: bytes({ types: [type] }) }) }),
      ).toMatchObject([{ path: 'greet.output', message: `'${type}' is not a media type` }])
    },
  )

  it('are of some type and some size', () => {
    const put = (options: Parameters<typeof bytes>[0]) =>
      problemsOf({ greet: endpoint({ route: 'PUT /', body: bytes(options) }) })
    expect(put({ types: [] })).toMatchObject([
      { path: 'greet.body', message: 'types is empty, so nothing would be accepted' },
    ])
    for (const maxBytes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(put({ maxBytes })).toMatchObject([{ path: 'greet.body', message: `maxBytes is ${maxBytes}` }])
  })
})
