import { bytes, contract, endpoint, error, named, stream } from '@atlas/contract'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { contractOf, contractSpec } from '../fixtures/contract-spec.ts'
import { vault } from '../golden/vault.ts'
import { interfaceOf } from '../interface-of.ts'
import type { OpenApiDocument, Operation } from './document.ts'
import { openApiOf } from './openapi-of.ts'
import { openApiOfProduct } from './openapi-of-product.ts'

const validator = new Validator()

/** What the official schema of OpenAPI 3.1, JSON Schema 2020-12 and the specification's text say against a document. */
async function faultsOf(document: OpenApiDocument): Promise<unknown[]> {
  const { valid, errors } = await validator.validate({ ...structuredClone(document) })
  expect(validator.version).toBe('3.1')
  const faults: unknown[] = valid ? [] : [errors]
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'https://example.com/openapi', components: document.components })
  const ids = new Set<string>()
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (ids.has(operation.operationId)) faults.push(`${operation.operationId} is there twice`)
      ids.add(operation.operationId)
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      const wanted = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      if (wanted.join() !== inPath.map(({ name }) => name).join())
        faults.push(`${method} ${path}: path parameters`)
      // Compiling resolves every reference.
      for (const schema of schemasIn(operation))
        ajv.compile({ $id: `https://example.com/openapi/${ids.size}/${Math.random()}`, ...reRooted(schema) })
    }
  return faults
}

function* schemasIn({ parameters = [], requestBody, responses }: Operation): Generator<object> {
  for (const { schema } of parameters) yield schema
  for (const content of [requestBody?.content, ...Object.values(responses).map(({ content }) => content)])
    for (const { schema } of Object.values(content ?? {})) if (schema) yield schema
}

/** References point into the OpenAPI document, wherever the schema stands. */
function reRooted<T extends object>(schema: T): T {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('"#/components/', '"https://example.com/openapi#/components/'),
  )
}

describe('the OpenAPI document of a servlet', () => {
  it('is a right one for any contract', async () => {
    const contracts = contractSpec({ depth: 1, names: ['a', 'b', 'maxSize'], ids: ['One', 'Error'] })
    await fc.assert(
      fc.asyncProperty(contracts, contracts, async (one, two) => {
        const documents = [interfaceOf(contractOf('one', one)), interfaceOf(contractOf('two', two))]
        expect(await faultsOf(openApiOf(documents[0]!, { includeInternal: true }))).toEqual([])
        const prefixed = documents.map((document) => ({
          ...document,
          endpoints: Object.fromEntries(
            Object.entries(document.endpoints).map(([name, endpoint]) => [
              name,
              { ...endpoint, route: endpoint.route.replace(' /', ` /${document.name}/`) },
            ]),
          ),
        }))
        expect(await faultsOf(openApiOfProduct(prefixed, { title: 'All', version: '1.0.0' }))).toEqual([])
      }),
      { numRuns: 30 },
    )
  }, 120_000)

  it('is a right one for a contract with everything', async () => {
    expect(await faultsOf(openApiOf(interfaceOf(vault), { includeInternal: true }))).toEqual([])
  })

  it('describes only what can be called from outside, unless asked', () => {
    const document = interfaceOf(
      contract('any', {
        open: endpoint({ route: 'GET /open', access: 'public' }),
        signedIn: endpoint({ route: 'GET /me', access: 'user' }),
        own: endpoint({
          route: 'GET /own',
          input: z.object({ a: z.enum(['x']).meta({ id: 'OnlyInside' }) }),
        }),
      }),
      { mounts: { '/app': { access: 'public' }, '/admin': { access: 'internal' } } },
    )
    const outside = openApiOf(document)
    expect(Object.keys(outside.paths)).toEqual(['/me', '/open'])
    expect(Object.keys(outside.components?.schemas ?? {})).toEqual(['Error'])
    expect(outside['x-mounts']).toEqual({ '/app': { access: 'public' } })
    expect(outside.paths['/me']?.get).toMatchObject({ security: [{ user: [] }], 'x-access': 'user' })
    expect(outside.paths['/open']?.get?.security).toBeUndefined()
    expect(outside.components?.securitySchemes).toEqual({ user: { type: 'http', scheme: 'bearer' } })
    const inside = openApiOf(document, {
      includeInternal: true,
      version: '2.0.0',
      servers: [{ url: 'https://x.test' }],
    })
    expect(Object.keys(inside.paths)).toEqual(['/me', '/open', '/own'])
    expect(Object.keys(inside.components?.schemas ?? {})).toEqual(['Error', 'OnlyInside'])
    expect(inside).toMatchObject({ info: { version: '2.0.0' }, servers: [{ url: 'https://x.test' }] })
  })

  it('puts fields where they travel', () => {
    const input = z.object({ id: z.string(), size: z.int32().optional(), tags: z.array(z.string()) })
    const { paths } = openApiOf(
      interfaceOf(
        contract('any', {
          get: endpoint({ route: 'GET /a/{id}', access: 'public', input }),
          post: endpoint({ route: 'POST /b/{id}', access: 'public', input }),
          put: endpoint({
            route: 'PUT /c/{id*}',
            access: 'public',
            input,
            body: bytes({ types: ['image/png'] }),
          }),
          whole: endpoint({ route: 'POST /d', access: 'public', input: input.meta({ id: 'Whole' }) }),
          none: endpoint({ route: 'POST /e', access: 'public' }),
        }),
      ),
    )
    const where = (operation: Operation | undefined) =>
      operation?.parameters?.map(({ in: place, name, required }) => `${place} ${name}${required ? '' : '?'}`)
    expect(where(paths['/a/{id}']?.get)).toEqual(['path id', 'query size?', 'query tags'])
    expect(paths['/a/{id}']?.get?.requestBody).toBeUndefined()
    expect(where(paths['/b/{id}']?.post)).toEqual(['path id'])
    expect(paths['/b/{id}']?.post?.requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { properties: { size: {}, tags: {} }, required: ['tags'] } } },
    })
    expect(where(paths['/c/{id}']?.put)).toEqual(['path id', 'query size?', 'query tags'])
    expect(paths['/c/{id}']?.put?.requestBody).toEqual({ required: true, content: { 'image/png': {} } })
    expect(paths['/d']?.post?.requestBody?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/Whole' } },
    })
    expect(paths['/e']?.post).not.toHaveProperty('requestBody')
  })

  it('keeps the refinements of an input whose fields travel apart', () => {
    const input = z
      .object({ from: z.int(), to: z.int() })
      .refine(() => true, named('ordered', 1, 'from before to'))
    const { paths } = openApiOf(
      interfaceOf(contract('any', { get: endpoint({ route: 'GET /a', access: 'public', input }) })),
    )
    expect(paths['/a']?.get?.['x-refinements']).toEqual([{ name: 'ordered', version: 1 }])
  })

  it('describes answers of every form, and errors by status', () => {
    const { paths } = openApiOf(
      interfaceOf(
        contract('any', {
          watch: endpoint({
            route: 'GET /watch',
            access: 'public',
            output: stream(z.object({ n: z.int32() })),
          }),
          load: endpoint({ route: 'GET /load', access: 'public', output: bytes({ types: ['image/*'] }) }),
          fail: endpoint({
            route: 'GET /fail',
            access: 'public',
            errors: {
              gone: error('not_found'),
              bad: error('not_found', { id: z.string() }),
              busy: error('unavailable'),
            },
          }),
        }),
      ),
    )
    expect(Object.keys(paths['/watch']?.get?.responses['200']?.content ?? {})).toEqual([
      'application/x-ndjson',
      'text/event-stream',
    ])
    expect(paths['/load']?.get?.responses['200']?.content).toEqual({ 'image/*': {} })
    const { responses } = paths['/fail']!.get!
    expect(Object.keys(responses)).toEqual(['200', '404', '503', 'default'])
    expect(responses['404']?.description).toBe('bad (not_found), gone (not_found)')
    const { anyOf } = responses['404']!.content!['application/json']!.schema!
    expect(anyOf?.map((one) => one.$ref ?? one.required)).toEqual([
      ['code', 'kind', 'message', 'data'],
      ['code', 'kind', 'message'],
      '#/components/schemas/Error',
    ])
  })

  it('says until when a deprecated endpoint is there', () => {
    const { paths } = openApiOf(interfaceOf(vault))
    expect(paths['/vaults']?.get).toMatchObject({
      deprecated: true,
      'x-sunset': '2026-12-31',
      description: 'Deprecated since 2026-01-01, may be gone after 2026-12-31. Use search.',
    })
  })

  it('maps the values of a discriminator to components, where all variants are components', () => {
    const schemas = openApiOf(interfaceOf(vault)).components?.schemas
    expect(schemas?.Entry?.discriminator).toEqual({
      propertyName: 'type',
      mapping: { file: '#/components/schemas/FileEntry', folder: '#/components/schemas/FolderEntry' },
    })
    const inline = z.discriminatedUnion('t', [
      z.object({ t: z.literal('a') }),
      z.object({ t: z.literal('b') }),
    ])
    const call = endpoint({ route: 'POST /c', access: 'public', input: z.object({ inline }) })
    expect(JSON.stringify(openApiOf(interfaceOf(contract('any', { call }))).paths)).not.toContain(
      'discriminator',
    )
  })
})

describe('the OpenAPI document of a product', () => {
  const withId = (name: string, schema: z.ZodType, path = '') =>
    interfaceOf(
      contract(name, {
        call: endpoint({
          route: `POST /${name}${path}` as '/',
          access: 'public',
          input: z.object({ of: z.object({ inner: schema.meta({ id: 'Inner' }) }).meta({ id: 'Outer' }) }),
        } as never),
      }),
    )
  const info = { title: 'Product', version: '1.0.0' }

  it('puts the name of the servlet before ids that mean different things, and leaves the others', () => {
    const apart = openApiOfProduct([withId('beta', z.int()), withId('alpha', z.enum(['x']))], info)
    expect(Object.keys(apart.components?.schemas ?? {})).toEqual([
      'AlphaInner',
      'AlphaOuter',
      'BetaInner',
      'BetaOuter',
      'Error',
    ])
    expect(apart.components?.schemas?.AlphaOuter?.properties?.inner).toEqual({
      $ref: '#/components/schemas/AlphaInner',
    })
    const same = openApiOfProduct([withId('beta', z.int()), withId('alpha', z.int())], info)
    expect(Object.keys(same.components?.schemas ?? {})).toEqual(['Error', 'Inner', 'Outer'])
    expect(same.tags).toEqual([{ name: 'alpha' }, { name: 'beta' }])
    expect(same.paths['/alpha']?.post?.operationId).toBe('alpha.call')
  })

  it('joins paths that differ in the names of their fields only', () => {
    const of = (name: string, route: string) =>
      interfaceOf(
        contract(name, {
          call: endpoint({
            route: route as 'GET /{a}',
            access: 'public',
            input: z.object({ a: z.string(), b: z.string() }) as z.ZodObject,
          }),
        }),
      )
    const { paths } = openApiOfProduct(
      [of('one', 'GET /x/{a}'), of('two', 'DELETE /x/{b}'), of('three', 'GET /x/{a*}')],
      info,
    )
    expect(Object.entries(paths).map(([path, operations]) => [path, ...Object.keys(operations)])).toEqual([
      ['/x/{a*}', 'get'],
      ['/x/{a}', 'get', 'delete'],
    ])
    expect(paths['/x/{a}']?.delete?.parameters?.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path a',
      'query a',
    ])
    expect(paths['/x/{a}']?.delete?.parameters?.map((parameter) => parameter['x-field'])).toEqual([
      'b',
      undefined,
    ])
  })

  it('is refused where two servlets have one route', () => {
    const of = (name: string) =>
      interfaceOf(contract(name, { call: endpoint({ route: 'GET /x', access: 'public' }) }))
    expect(() => openApiOfProduct([of('one'), of('two')], info)).toThrow(
      /two\.call: GET \/x is also the route of one\.call\. change/,
    )
  })
})
