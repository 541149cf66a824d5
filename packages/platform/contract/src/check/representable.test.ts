import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { named } from '../refinement.ts'
import type { Problem } from './problem.ts'
import { checkRepresentable } from './representable.ts'

function problemsOf(schema: z.core.$ZodType, path = 'greet.output'): Problem[] {
  const problems: Problem[] = []
  checkRepresentable(schema, path, (at, message, remedy) => problems.push({ path: at, message, remedy }))
  return problems
}

/** Puts a schema two objects and a list deep, where a contract would have it. */
const deep = (schema: z.core.$ZodType) => z.object({ address: z.object({ lines: z.array(schema) }) })

/** Apart, for a linter would mend it. */
const needlessBackslash = '^a\\_b$'

const refused: [name: string, schema: z.core.$ZodType, message: RegExp, remedy: RegExp][] = [
  ['z.any', z.any(), /says nothing/, /write the schema/],
  ['z.unknown', z.unknown(), /says nothing/, /z\.json\(\) with grpc: false/],
  ['z.bigint', z.bigint(), /not a JSON value/, /z\.int\(\)/],
  ['z.int64', z.int64(), /not a JSON value/, /z\.int\(\)/],
  ['z.date', z.date(), /not a JSON value/, /z\.iso\.datetime\(\)/],
  ['z.symbol', z.symbol(), /not a JSON value/, /z\.enum/],
  ['z.undefined', z.undefined(), /not a JSON value/, /\.optional\(\)/],
  ['z.void', z.void(), /not a JSON value/, /leave the field out/],
  ['z.nan', z.nan(), /not a JSON value/, /z\.number\(\)/],
  ['z.never', z.never(), /can ever be sent/, /leave the field out/],
  ['an empty z.enum', z.enum([]), /can ever be sent/, /leave the field out/],
  ['z.map', z.map(z.string(), z.string()), /not a JSON value/, /z\.record/],
  ['z.set', z.set(z.string()), /not a JSON value/, /z\.array/],
  ['z.file', z.file(), /not a JSON value/, /bytes\(\)/],
  ['z.promise', z.promise(z.string()), /not a JSON value/, /write the schema/],
  ['.transform', z.string().transform(Number), /invisible/, /in the handler/],
  ['z.transform', z.transform(Number), /invisible/, /in the handler/],
  ['.pipe', z.string().pipe(z.email()), /invisible/, /in the handler/],
  ['z.codec', z.codec(z.string(), z.number(), { decode: Number, encode: String }), /codec/, /in the handler/],
  ['z.stringbool', z.stringbool(), /invisible/, /in the handler/],
  ['z.preprocess', z.preprocess(String, z.string()), /preprocess/, /in the handler/],
  ['.catch', z.string().catch(''), /hides what is accepted/, /\.default\(\)/],
  ['z.custom', z.custom<string>(() => true), /invisible/, /write the schema/],
  ['z.instanceof', z.instanceof(URL), /invisible/, /write the schema/],
  ['z.success', z.success(z.string()), /not the value/, /write the schema/],
  ['z.intersection', z.intersection(z.object({}), z.object({})), /field by field/, /\.extend\(\)/],
  ['z.coerce.number', z.coerce.number(), /z\.coerce\.number\(\) hides/, /z\.number\(\)/],
  ['z.coerce.string', z.coerce.string(), /z\.coerce\.string\(\) hides/, /z\.string\(\)/],
  ['z.coerce.boolean', z.coerce.boolean(), /z\.coerce\.boolean\(\) hides/, /converted anyway/],
  ['z.strictObject', z.strictObject({}), /unknown fields/, /z\.object/],
  ['z.looseObject', z.looseObject({}), /unknown fields/, /z\.object/],
  ['.catchall', z.object({}).catchall(z.string()), /unknown fields/, /z\.record/],
  ['z.looseRecord', z.looseRecord(z.string().regex(/^a/), z.string()), /unchecked/, /z\.record/],
  ['a literal NaN', z.literal(Number.NaN), /JSON value/, /string, number/],
  ['a literal bigint', z.literal(1n), /JSON value/, /string, number/],
  ['a literal undefined', z.literal(undefined), /JSON value/, /string, number/],
  ['.refine', z.string().refine(() => true), /refinement without a name/, /named\('name', 1/],
  ['.superRefine', z.string().superRefine(() => {}), /refinement without a name/, /named\(/],
  ['.check', z.string().check(() => {}), /refinement without a name/, /named\(/],
  ['a bad name', z.string().refine(() => true, named('', 0, 'x')), /does not name/, /version from 1/],
  [
    'an asynchronous refinement',
    z.string().refine(async () => true, named('free', 1, 'must be free')),
    /'free' is asynchronous/,
    /in the handler/,
  ],
  ['z.property', z.string().check(z.property('length', z.int())), /'property' is invisible/, /named\(/],
  ['a pattern with flags', z.string().regex(/x/i), /flags 'i' of \/x\/i/, /without flags/],
  ['the flag v', z.string().regex(/[\p{L}--[a-z]]/v), /flags 'v'/, /without flags/],
  [
    'a pattern that u refuses',
    z.string().regex(new RegExp(needlessBackslash)),
    /does not compile/,
    /backslashes/,
  ],
  ['flags of z.email', z.email({ pattern: /@x$/i }), /flags 'i'/, /without flags/],
  ['flags of z.stringFormat', z.stringFormat('isbn', /^\d$/s), /flags 's'/, /without flags/],
  ['code of z.stringFormat', z.stringFormat('isbn', () => true), /'isbn' is invisible/, /pattern/],
  ['z.httpUrl', z.httpUrl(), /beyond z\.url\(\)/, /z\.url\(\)\.regex/],
  ['a hostname of z.url', z.url({ hostname: /x/ }), /beyond z\.url\(\)/, /z\.url\(\)\.regex/],
  ['z.jwt with an algorithm', z.jwt({ alg: 'HS256' }), /algorithm/, /in the handler/],
  ['.overwrite', z.number().overwrite((n) => n + 1), /cannot see/, /in the handler/],
  ['.slugify', z.string().slugify(), /cannot see/, /only \.trim\(\)/],
  ['.optional in a list', z.string().optional(), /only a field of an object/, /\.nullable\(\)/],
  ['.default in a list', z.string().default('x'), /only a field of an object/, /\.nullable\(\)/],
  ['z.lazy of itself', lazySelf(), /nothing but itself/, /an object that contains it/],
]

function lazySelf(): z.ZodType {
  const self: z.ZodType = z.lazy(() => self)
  return self
}

const accepted: [name: string, schema: z.core.$ZodType][] = [
  ['z.email', z.email()],
  ['z.uuid', z.uuid()],
  ['z.uuidv7', z.uuidv7()],
  ['z.url', z.url()],
  ['z.url with a pattern', z.url().regex(/^https:/)],
  ['z.ipv6', z.ipv6()],
  ['z.emoji, which has the flag u', z.emoji()],
  ['z.iban, whose check is more than its pattern, for its name says so', z.iban()],
  ['z.jwt', z.jwt()],
  ['z.hash', z.hash('sha256')],
  ['z.hostname', z.hostname()],
  ['z.base64', z.base64()],
  ['z.iso.datetime', z.iso.datetime({ offset: true, precision: 3 })],
  ['z.iso.date', z.iso.date()],
  ['z.iso.time', z.iso.time()],
  ['z.iso.duration', z.iso.duration()],
  ['z.int', z.int().min(0).max(9).multipleOf(3)],
  ['z.int32', z.int32()],
  ['z.uint32', z.uint32()],
  ['z.float32', z.float32()],
  ['z.float64', z.float64()],
  ['z.json', z.json()],
  ['z.stringFormat with a pattern', z.stringFormat('isbn', /^\d{13}$/)],
  ['z.templateLiteral', z.templateLiteral(['v', z.int(), '.', z.enum(['a', 'b'])])],
  ['z.record', z.record(z.string().max(9), z.boolean())],
  ['z.record with enum keys', z.record(z.enum(['a', 'b']), z.string())],
  ['z.partialRecord', z.partialRecord(z.enum(['a', 'b']), z.string())],
  ['z.xor', z.xor([z.string(), z.int()])],
  ['z.union', z.union([z.string(), z.null()])],
  ['z.tuple', z.tuple([z.string(), z.int()], z.boolean())],
  ['.readonly', z.array(z.string()).readonly()],
  ['.brand', z.string().brand<'Iban'>()],
  [
    '.describe and .meta',
    z
      .string()
      .describe('what it is')
      .meta({ examples: ['a'] }),
  ],
  ['z.describe as a check', z.string().check(z.describe('what it is'))],
  ['a named .refine', z.string().refine((s) => s !== 'x', named('notX', 1, 'must not be x'))],
  [
    'patterns',
    z
      .string()
      .regex(/^\p{L}+$/u)
      .startsWith('a')
      .includes('b')
      .uppercase(),
  ],
  ['normalizations', z.string().trim().toLowerCase().toUpperCase().normalize('NFC')],
  ['.nullable', z.string().nullable()],
  ['.nonoptional', z.string().optional().nonoptional()],
  ['literals', z.literal(['a', 1, true, null])],
  ['an enum with numbers', z.enum({ LOW: 1, HIGH: 2 })],
]

describe('what JSON Schema cannot say', () => {
  it.each(refused)(
    'refuses %s where it stands, with what to write instead',
    (_name, schema, message, remedy) => {
      expect(problemsOf(deep(schema), 'greet.input')).toEqual([
        {
          path: 'greet.input.address.lines[]',
          message: expect.stringMatching(message),
          remedy: expect.stringMatching(remedy),
        },
      ])
    },
  )

  it.each(accepted)('accepts %s, and so does the generator of JSON Schema', (_name, schema) => {
    expect(problemsOf(deep(schema))).toEqual([])
    expect(() => z.toJSONSchema(schema)).not.toThrow()
  })

  it('names the place in maps, tuples, unions and behind wrappers', () => {
    const bad = z.date()
    const schema = z.object({
      byName: z.record(z.string(), bad),
      keys: z.record(z.string().regex(/a/i), z.string()),
      pair: z.tuple([z.string(), bad], bad),
      either: z.union([z.string(), z.object({ at: bad })]),
      kind: z.discriminatedUnion('type', [
        z.object({ type: z.literal('a') }),
        z.discriminatedUnion('type', [z.object({ type: z.literal('b'), at: bad })]),
      ]),
      wrapped: bad.nullable().optional().readonly(),
      later: z.lazy(() => z.object({ at: bad })),
    })
    expect(problemsOf(schema).map((problem) => problem.path)).toEqual([
      'greet.output.byName.<value>',
      'greet.output.keys.<key>',
      'greet.output.pair[1]',
      'greet.output.pair[]',
      'greet.output.either|1.at',
      'greet.output.kind|1|0.at',
      'greet.output.wrapped',
      'greet.output.later.at',
    ])
  })

  it('lets fields of objects be absent, and nothing else', () => {
    const fields = z.object({
      a: z.string().optional(),
      b: z.string().default('x'),
      c: z.string().prefault('x'),
      d: z.exactOptional(z.string()),
      e: z.string().nullish(),
      f: z.lazy(() => z.string().optional()),
      g: z.string().default('x').nullable(),
    })
    expect(problemsOf(fields)).toEqual([])
    const places = [
      fields.optional(),
      z.record(z.string(), z.string().optional()),
      z.tuple([z.string().optional()]),
      z.union([z.string().optional(), z.int()]),
    ]
    expect(places.map((schema) => problemsOf(schema).map((problem) => problem.path))).toEqual([
      ['greet.output'],
      ['greet.output.<value>'],
      ['greet.output[0]'],
      ['greet.output|0'],
    ])
  })

  it('ends on recursive schemas, and reports a problem inside once', () => {
    const Getter = z.object({
      at: z.date(),
      get children() {
        return z.array(Getter)
      },
    })
    interface Tree {
      at: Date
      children: Tree[]
    }
    const Lazy: z.ZodType<Tree> = z.object({ at: z.date(), children: z.array(z.lazy(() => Lazy)) })
    expect(problemsOf(Getter).map((problem) => problem.path)).toEqual(['greet.output.at'])
    expect(problemsOf(Lazy).map((problem) => problem.path)).toEqual(['greet.output.at'])
  })

  it('refuses a schema that makes new ones without end', () => {
    const make = (): z.ZodType => z.object({ next: z.lazy(make).optional() })
    const [problem, ...more] = problemsOf(make())
    expect(problem?.message).toBe('is nested more than 100 deep')
    expect(problem?.remedy).toContain('const Node =')
    expect(more).toEqual([])
  })

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'refuses a field named %s, which zod finds in every object',
    (name) => {
      const schema = z.object({ [name]: z.string().optional() })
      expect(problemsOf(schema)).toEqual([
        {
          path: `greet.output.${name}`,
          message: `every JavaScript object has a '${name}' already`,
          remedy: 'use another name',
        },
      ])
    },
  )

  it('shows why: zod reads such a field from the prototype', () => {
    const schema = z.object({ constructor: z.string().optional() })
    expect(schema.safeParse({}).success).toBe(false)
  })
})

describe('defaults', () => {
  it('refuses one that is another value each time', () => {
    const schema = z.object({ id: z.string().default(() => crypto.randomUUID()) })
    expect(problemsOf(schema)).toMatchObject([
      { path: 'greet.output.id', message: 'the default is another value each time' },
    ])
  })

  it('refuses one that its schema refuses, because zod would let it through', () => {
    const schema = z.object({ limit: z.int().max(100).default(500) })
    expect(schema.parse({})).toEqual({ limit: 500 })
    expect(problemsOf(schema)).toMatchObject([
      {
        path: 'greet.output.limit',
        message: expect.stringMatching(/^its own schema refuses the default 500: .*100/),
      },
    ])
    expect(problemsOf(z.object({ limit: z.int().max(100).prefault(500) }))).toHaveLength(1)
  })

  it('accepts constants, also of lists, maps and objects', () => {
    const schema = z.object({
      tags: z.array(z.string()).default([]),
      sizes: z.record(z.string(), z.int()).default({}),
      sort: z.object({ by: z.enum(['name']) }).default({ by: 'name' }),
      limit: z.int().default(() => 100),
    })
    expect(problemsOf(schema)).toEqual([])
  })
})
