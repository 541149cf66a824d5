import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bytes } from '../bytes.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { checkContract } from './check-contract.ts'

const problemsOf = (greet: Endpoint) => checkContract('greeter', { greet })

/** The input of `GET /greet` with one field. */
const query = (schema: z.core.$ZodType) =>
  problemsOf(endpoint({ route: 'GET /greet', input: z.object({ field: schema }), grpc: false }))

describe('fields of the path', () => {
  const inPath = (schema: z.core.$ZodType) =>
    problemsOf(endpoint({ route: 'GET /greet/{name}', input: z.object({ name: schema }), grpc: false }))

  it.each<[string, z.core.$ZodType]>([
    ['a string', z.string()],
    ['a number', z.int()],
    ['a boolean', z.boolean()],
    ['an enum', z.enum(['a', 'b'])],
    ['a literal', z.literal(['a', 'b'])],
  ])('may be %s', (_name, schema) => {
    expect(inPath(schema)).toEqual([])
  })

  it.each<[string, z.core.$ZodType]>([
    ['a list', z.array(z.string())],
    ['an object', z.object({})],
    ['a union', z.union([z.string(), z.int()])],
  ])('may not be %s', (_name, schema) => {
    expect(inPath(schema)).toEqual([
      {
        path: 'greet.input.name',
        message: 'a field of the path must be a string, number, boolean or enum',
        remedy: 'move it out of the path',
      },
    ])
  })

  it.each<[string, z.core.$ZodType]>([
    ['optional', z.string().optional()],
    ['nullable', z.string().nullable()],
    ['absent by default', z.string().default('x')],
  ])('may not be %s', (_name, schema) => {
    expect(inPath(schema)).toEqual([
      {
        path: 'greet.input.name',
        message: 'a field of the path is always there',
        remedy: 'remove .optional(), .nullable() and .default()',
      },
    ])
  })

  it('must be fields of the input, whatever objects inherit', () => {
    const wrong = (route: string) => problemsOf(endpoint({ route, input: z.object({ name: z.string() }) }))
    expect(wrong('GET /greet/{nmae}')).toEqual([
      {
        path: 'greet.route',
        message: 'route has {nmae}, input has no field nmae',
        remedy: 'add the field to input, or correct the route',
      },
    ])
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(wrong(`GET /greet/{${name}}`)).toMatchObject([{ path: 'greet.route' }])
  })

  it('that take the rest are strings', () => {
    expect(problemsOf(endpoint({ route: 'GET /{n*}', input: z.object({ n: z.int() }) }))).toEqual([
      {
        path: 'greet.input.n',
        message: '{n*} takes the rest of the path, slashes included',
        remedy: 'make it a string, or write {n}',
      },
    ])
  })
})

describe('fields of the query', () => {
  it.each<[string, z.core.$ZodType]>([
    ['a string', z.string()],
    ['an optional number', z.int().optional()],
    ['a boolean with a default', z.boolean().default(false)],
    ['a list', z.array(z.enum(['a', 'b']))],
    ['a list that is empty by default', z.array(z.int()).default([])],
  ])('may be %s', (_name, schema) => {
    expect(query(schema)).toEqual([])
  })

  it.each<[kind: string, schema: z.core.$ZodType]>([
    ['an object', z.object({})],
    ['a record', z.record(z.string(), z.string())],
    ['a union', z.union([z.string(), z.int()])],
    ['a list', z.array(z.object({}))],
    ['a tuple', z.tuple([z.string()])],
    ['a literal', z.literal(['a', 1])],
    ['a lazy schema', z.lazy(() => z.string())],
  ])('may not be %s', (kind, schema) => {
    expect(query(schema)).toEqual([
      {
        path: 'greet.input.field',
        message: `travels in the query, because the route is a GET, and a query cannot hold ${kind} like this`,
        remedy: 'use strings, numbers, booleans, enums or lists of them, or a POST with a JSON body',
      },
    ])
  })

  it('may not be null, nor hold null', () => {
    const expected = { path: 'greet.input.field', message: expect.stringMatching(/a query has no null$/) }
    expect(query(z.string().nullable())).toMatchObject([expected])
    expect(query(z.array(z.string().nullable()))).toMatchObject([expected])
  })

  it.each<[string, z.core.$ZodType]>([
    ['optional', z.array(z.string()).optional()],
    ['by default not empty', z.array(z.string()).default(['x'])],
  ])('may not be a list that is %s', (_name, schema) => {
    expect(query(schema)).toMatchObject([
      {
        message: 'a query cannot tell an absent list from an empty one',
        remedy: 'use .default([]) or no wrapper',
      },
    ])
  })

  it('say why they travel there: beside a body of bytes too', () => {
    const put = endpoint({ route: 'PUT /greet', input: z.object({ o: z.object({}) }), body: bytes() })
    expect(problemsOf(put)[0]?.message).toMatch(/because the body is bytes/)
  })

  it('do not matter where there is a JSON body', () => {
    const post = endpoint({ route: 'POST /greet', input: z.object({ o: z.object({}).nullable() }) })
    expect(problemsOf(post)).toEqual([])
  })
})

describe('bodies', () => {
  it.each(['GET', 'DELETE'] as const)('of bytes do not go with %s', (method) => {
    expect(problemsOf(endpoint({ route: `${method} /greet`, body: bytes() }))).toEqual([
      { path: 'greet.body', message: `${method} has no request body`, remedy: 'use PUT or POST' },
    ])
  })

  it("take the name 'body'", () => {
    const put = endpoint({ route: 'PUT /greet', input: z.object({ body: z.string() }), body: bytes() })
    expect(problemsOf(put)).toEqual([
      {
        path: 'greet.input.body',
        message: `the name 'body' is taken by body: bytes()`,
        remedy: 'rename the field',
      },
    ])
    expect(
      problemsOf(endpoint({ route: 'PUT /greet', input: z.object({ body: z.string() }) })),
      'a field of a JSON body may have it',
    ).toEqual([])
  })
})
