import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Problem } from './problem.ts'
import { checkMessage, snakeCase } from './protobuf.ts'
import { checkRepresentable } from './representable.ts'

function problemsOf(schema: z.core.$ZodType): Problem[] {
  const problems: Problem[] = []
  const report = (path: string, message: string, remedy: string) => problems.push({ path, message, remedy })
  checkRepresentable(schema, 'greet.input', report)
  expect(problems, 'these schemas are fine as JSON').toEqual([])
  checkMessage(schema, 'greet.input', report)
  return problems
}

const deep = (schema: z.core.$ZodType) => z.object({ address: z.object({ lines: z.array(schema) }) })

const messages: [name: string, schema: z.core.$ZodType, message: RegExp, remedy: RegExp][] = [
  ['a string', z.string(), /must be an object/, /z\.object\(\{ value/],
  ['a list', z.array(z.string()), /must be an object/, /z\.object\(\{ value/],
  ['a plain union', z.union([z.object({}), z.object({})]), /must be an object/, /z\.object/],
  ['null', z.object({}).nullable(), /cannot be null/, /wrap it/],
]

const items: [name: string, schema: z.core.$ZodType, message: RegExp, remedy: RegExp][] = [
  ['lists of lists', z.array(z.string()), /lists or maps inside/, /wrap the inner one/],
  ['maps in lists', z.record(z.string(), z.string()), /lists or maps inside/, /wrap the inner one/],
  ['lazy lists of lists', z.lazy(() => z.array(z.string())), /lists or maps inside/, /wrap/],
  ['null in a list', z.string().nullable(), /no null inside/, /wrap them in an object/],
  ['lazy null in a list', z.lazy(() => z.string().nullable()), /no null inside/, /wrap them/],
  ['plain unions', z.union([z.string(), z.int()]), /no plain unions/, /discriminatedUnion/],
  ['z.xor', z.xor([z.string(), z.int()]), /no plain unions/, /discriminatedUnion/],
  ['unions with null', z.union([z.string(), z.null()]), /no plain unions/, /\.nullable\(\)/],
  ['unions of literals', z.union([z.literal('a'), z.literal('b')]), /no plain unions/, /z\.enum/],
  ['z.json', z.json(), /no plain unions/, /grpc: false/],
  ['tuples', z.tuple([z.string()]), /no tuples/, /named fields/],
  ['z.null', z.null(), /no null/, /\.nullable\(\)/],
  ['enums of numbers', z.enum({ A: 1 }), /enum of numbers/, /z\.enum/],
  ['literals of two types', z.literal(['a', 1]), /different types/, /one type/],
  ['literals with null', z.literal([null]), /different types/, /one type/],
]

describe('what a protobuf message cannot carry', () => {
  it.each(messages)('refuses %s as a message', (_name, schema, message, remedy) => {
    expect(problemsOf(schema)[0]).toEqual({
      path: 'greet.input',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    })
  })

  it.each(items)('refuses %s where they stand, with two ways out', (_name, schema, message, remedy) => {
    const problems = problemsOf(deep(schema))
    expect(problems).toEqual([
      {
        path: 'greet.input.address.lines[]',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      },
    ])
    expect(problems[0]?.remedy).toMatch(/, or set grpc: false on the endpoint$/)
  })

  it('refuses lists and maps whose absence would be lost', () => {
    const schema = z.object({
      a: z.array(z.string()).optional(),
      b: z.array(z.string()).nullable(),
      c: z.array(z.string()).default(['x']),
      d: z.record(z.string(), z.string()).optional(),
      e: z.array(z.string()).default([]),
      f: z.record(z.string(), z.string()).default({}),
      g: z.lazy(() => z.array(z.string()).optional()),
    })
    expect(problemsOf(schema).map(({ path, remedy }) => [path, remedy.slice(0, 16)])).toEqual([
      ['greet.input.a', 'use .default([])'],
      ['greet.input.b', 'use .default([])'],
      ['greet.input.c', 'use .default([])'],
      ['greet.input.d', 'use .default({})'],
      ['greet.input.g', 'use .default([])'],
    ])
  })

  it('refuses null beside absent, also behind z.lazy', () => {
    const schema = z.object({
      a: z.string().nullish(),
      b: z.string().nullable().default('x'),
      c: z.lazy(() => z.string().nullable()).optional(),
      d: z.string().nullable(),
      e: z.string().optional(),
    })
    expect(problemsOf(schema).map((problem) => problem.path)).toEqual([
      'greet.input.a',
      'greet.input.b',
      'greet.input.c',
    ])
  })

  it('refuses field names that a .proto cannot have or tell apart', () => {
    const schema = z.object({ 'content-type': z.string(), fileName: z.string(), file_name: z.string() })
    expect(problemsOf(schema).map(({ path, message }) => [path, message])).toEqual([
      ['greet.input.content-type', `'content-type' is not a protobuf field name`],
      ['greet.input.file_name', `'file_name' and 'fileName' are the same field in protobuf`],
    ])
  })

  it('refuses maps with keys that are not strings', () => {
    const schema = z.object({
      byNumber: z.record(z.number(), z.string()),
      byName: z.record(z.string(), z.string()),
      byKind: z.partialRecord(z.enum(['a', 'b']), z.object({ x: z.null() })),
    })
    expect(problemsOf(schema).map(({ path }) => path)).toEqual([
      'greet.input.byNumber',
      'greet.input.byKind.<value>.x',
    ])
  })

  it('accepts discriminated unions, also nested ones, as fields, items and whole messages', () => {
    const File = z.object({ type: z.literal('file'), sizeBytes: z.int() })
    const Folder = z.object({ type: z.literal('folder') })
    const Link = z.object({ type: z.literal('web-link'), scheme: z.literal('https') })
    const Plain = z.object({ type: z.literal('web-link'), scheme: z.literal('http') })
    const Flat = z.discriminatedUnion('type', [File, z.discriminatedUnion('type', [Folder])])
    const Nested = z.discriminatedUnion('type', [File, z.discriminatedUnion('scheme', [Link, Plain])])
    expect(problemsOf(Flat)).toEqual([])
    expect(problemsOf(z.object({ one: Flat, many: z.array(Nested), maybe: Nested.optional() }))).toEqual([])
  })

  it('refuses variants that one string does not tell apart', () => {
    const union = z.discriminatedUnion('type', [
      z.object({ type: z.literal(1) }),
      z.object({ type: z.enum(['a', 'b']) }),
      z.object({ type: z.literal('c-d') }),
      z.object({ type: z.literal('c_d'), at: z.null() }),
    ])
    expect(problemsOf(union).map(({ path, message }) => [path, message])).toEqual([
      ['greet.input|0', `'type' names the variant in protobuf`],
      ['greet.input|1', `'type' names the variant in protobuf`],
      ['greet.input|3.at', 'protobuf has no null'],
    ])
  })

  it('ends on recursive messages, and reports a problem inside once', () => {
    interface Tree {
      pair: [string]
      children: Tree[]
    }
    const Tree: z.ZodType<Tree> = z.object({
      pair: z.tuple([z.string()]),
      children: z.array(z.lazy(() => Tree)),
    })
    const Getter = z.object({
      pair: z.tuple([z.string()]),
      get parent() {
        return Getter.optional()
      },
    })
    expect(problemsOf(Tree).map((problem) => problem.path)).toEqual(['greet.input.pair'])
    expect(problemsOf(z.object({ root: z.lazy(() => Tree) })).map((problem) => problem.path)).toEqual([
      'greet.input.root.pair',
    ])
    expect(problemsOf(Getter).map((problem) => problem.path)).toEqual(['greet.input.pair'])
  })
})

it.each([
  ['name', 'name'],
  ['maxUploadMiB', 'max_upload_mi_b'],
  ['URL', 'u_r_l'],
  ['already_snake', 'already_snake'],
])('names the field %s %s', (name, expected) => {
  expect(snakeCase(name)).toBe(expected)
})
