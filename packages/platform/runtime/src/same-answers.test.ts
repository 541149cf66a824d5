import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, httpTransport, type UnaryCall } from '@atlas/client'
import { type AnyEndpoint, AtlasError, type Contract, contract, endpoint, error } from '@atlas/contract'
import { type Instance, inProcessTransport, type Servlet, servlet } from '@atlas/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { gatewayServlet, start } from './fixtures/way.ts'
import { serveGateway } from './gateway/serve-gateway.ts'
import { Upstream } from './gateway/upstream.ts'
import { type Server, serve } from './serve.ts'

/** A field of a random contract, and values for it: of the right type, and now and then refused by its checks. */
interface Field {
  readonly schema: z.core.$ZodType
  readonly value: fc.Arbitrary<unknown>
}

// JSON has no -0 and no lone surrogates travel in URLs; no caller can mean either.
const text = fc.string({ unit: 'binary', maxLength: 12 })
const int = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger())
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)

const scalars: readonly Field[] = [
  { schema: z.string(), value: text },
  { schema: z.string().min(1).max(6), value: text },
  { schema: z.string().regex(/^[a-m]*$/), value: fc.string({ maxLength: 3 }) },
  { schema: z.int(), value: int },
  { schema: z.int().min(-3).max(1000), value: int },
  { schema: z.number(), value: double },
  { schema: z.number().positive(), value: double },
  { schema: z.boolean(), value: fc.boolean() },
  { schema: z.enum(['red', 'a b', '+', '']), value: fc.constantFrom('red', 'a b', '+', '') },
  { schema: z.literal([1, 2, 30]), value: fc.constantFrom(1, 2, 30) },
  { schema: z.uuid(), value: fc.oneof(fc.uuid(), text) },
]
const scalar = fc.constantFrom(...scalars)

const optional = scalar.map(
  ({ schema, value }): Field => ({ schema: z.optional(schema), value: fc.option(value, { nil: undefined }) }),
)
const list = scalar.map(
  ({ schema, value }): Field => ({ schema: z.array(schema), value: fc.array(value, { maxLength: 3 }) }),
)
const withDefault = fc.constantFrom<Field>(
  { schema: z.string().default('none'), value: fc.option(text, { nil: undefined }) },
  { schema: z.int().max(5).default(3), value: fc.option(int, { nil: undefined }) },
  {
    schema: z.array(z.string()).default([]),
    value: fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
  },
)
const forText = fc.oneof(scalar, optional, list, withDefault)
const forJson = fc.oneof(
  forText,
  scalar.map(({ schema, value }): Field => ({ schema: z.nullable(schema), value: fc.option(value) })),
  scalar.map(
    ({ schema, value }): Field => ({
      schema: z.record(z.string(), schema),
      value: fc.dictionary(text, value, { maxKeys: 3, noNullPrototype: true }),
    }),
  ),
  fc.tuple(scalar, optional).map(
    ([a, b]): Field => ({
      schema: z.object({ a: a.schema, b: b.schema }),
      value: fc.record({ a: a.value, b: b.value }),
    }),
  ),
)

/** A contract of one endpoint, an input for it, and what its handler does. */
const cases = fc
  .record({
    method: fc.constantFrom('GET', 'DELETE', 'POST', 'PUT', 'PATCH'),
    inPath: fc.array(scalar, { maxLength: 2 }),
    rest: fc.boolean(),
    forText: fc.array(forText, { maxLength: 4 }),
    forJson: fc.array(forJson, { maxLength: 4 }),
    outcome: fc.constantFrom('answer', 'answer', 'typed', 'plain'),
  })
  .chain(({ method, inPath, rest, outcome, ...fields }) => {
    const elsewhere = method === 'GET' || method === 'DELETE' ? fields.forText : fields.forJson
    const named: Record<string, Field> = {}
    for (const [index, field] of inPath.entries()) named[`p${index}`] = field
    for (const [index, field] of elsewhere.entries()) named[`f${index}`] = field
    if (rest) named.rest = { schema: z.string(), value: text }
    const path = ['', 'same', ...inPath.map((_field, index) => `{p${index}}`), ...(rest ? ['{rest*}'] : [])]
    const values = Object.fromEntries(Object.entries(named).map(([name, { value }]) => [name, value]))
    return fc.record({
      route: fc.constant(`${method} ${path.join('/')}`),
      shape: fc.constant(
        Object.fromEntries(Object.entries(named).map(([name, { schema }]) => [name, schema])),
      ),
      // Fields are missing now and then; not lists, whose absence a query cannot tell from emptiness.
      inputs: fc.array(
        fc.record(values, {
          requiredKeys: Object.keys(named).filter((name) => named[name]!.schema instanceof z.ZodArray),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      outcome: fc.constant(outcome),
    })
  })

let instance: Instance | undefined
let served: Servlet | undefined
let server: Server
let host: Server
let upstream: Upstream
let gateway: Server
let folder: string
beforeAll(async () => {
  const instances = () => (instance ? [instance] : [])
  server = await serve({ instances })
  folder = await mkdtemp(join(tmpdir(), 'atlas-same-'))
  const path = join(folder, 'host.sock')
  host = await serve({ instances, path, listener: 'gateway' })
  upstream = new Upstream(path)
  gateway = await serveGateway({
    servlets: () => (served ? [gatewayServlet(served)] : []),
    forward: (name, request, hop) => upstream.forward(request, hop, name),
  })
})
afterAll(async () => {
  for (const each of [server, gateway, host]) await each.close({ graceMs: 0 })
  upstream.destroy()
  await rm(folder, { recursive: true })
})

it('answers alike in-process, over HTTP and through a gateway, whatever the contract and the input', async () => {
  const reached = { answers: 0, refusals: 0, errors: 0 }
  await fc.assert(
    fc.asyncProperty(cases, async ({ route, shape, inputs, outcome }) => {
      const input = z.object(shape)
      const same = contract('same', {
        call: endpoint({
          route: route as string,
          access: 'public',
          grpc: false,
          input,
          output: z.object({ seen: z.string(), back: input }),
          errors: { typed: error('aborted', { back: input }) },
        }) as AnyEndpoint,
      })
      served = servlet(same, {
        call: async (given: object, ctx: any) => {
          if (outcome === 'typed') throw ctx.errors.typed({ back: given }, 'a typed error')
          if (outcome === 'plain') throw new AtlasError('data_loss', 'a plain error', { data: given })
          return { seen: JSON.stringify(given), back: given }
        },
      } as never) as Servlet
      instance = await start(served)
      for (const each of [server, host, gateway]) each.refresh()
      const inProcess = callOf(same, () =>
        inProcessTransport(() => instance!, { caller: undefined, listener: 'public' }),
      )
      const overHttp = callOf(same, () => httpTransport({ baseUrl: server.url }))
      const throughGateway = callOf(same, () => httpTransport({ baseUrl: gateway.url }))
      for (const given of inputs) {
        const [one, ...others] = await Promise.all(
          [inProcess, overHttp, throughGateway].map((call) => resultOf(call, given)),
        )
        for (const other of others) expect(other).toEqual(one)
        if ('value' in one!) reached.answers++
        else if (one!.code === 'invalid_argument') reached.refusals++
        else reached.errors++
      }
    }),
    { numRuns: 400 },
  )
  // Equal answers prove little where there are few.
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(50)
})

function callOf(of: Contract, transport: () => Parameters<typeof createClient>[1]): UnaryCall<any> {
  return (createClient(of, transport()) as unknown as { call: UnaryCall<any> }).call
}

async function resultOf(call: UnaryCall<any>, input: object) {
  try {
    return { value: await call(input as never) }
  } catch (reason) {
    expect(reason).toBeInstanceOf(AtlasError)
    const { code, kind, data, message, httpStatus } = reason as AtlasError
    return { code, kind, data, message, httpStatus }
  }
}
