import { describe, expect, it } from 'vitest'
import { compare } from '../compare/compare.ts'
import { refusal } from '../compare/json/validate.ts'
import type { InterfaceDocument } from '../document.ts'
import { openApiOf } from '../openapi/openapi-of.ts'
import { zoo } from './fixtures/zoo.ts'
import { importOpenApi } from './import-openapi.ts'

const servlets = importOpenApi(zoo)
const animals = servlets.find(({ name }) => name === 'animals')!
const photos = servlets.find(({ name }) => name === 'photos')!

/** A description says nothing of protobuf. */
function comparable(document: InterfaceDocument): InterfaceDocument {
  const { protobuf: _numbers, ...copy } = structuredClone(document)
  for (const endpoint of Object.values(copy.endpoints)) endpoint.grpc = false
  return copy
}

describe('importOpenApi', () => {
  it('makes a servlet of each tag', () => {
    expect(servlets.map(({ name, document }) => [name, Object.keys(document.endpoints)])).toEqual([
      ['animals', ['create', 'delete', 'get', 'list']],
      ['photos', ['get', 'set']],
    ])
  })

  it('keeps routes, fields, enums, lengths, null, shared and recursive schemas', () => {
    const { endpoints, schemas } = animals.document
    expect(endpoints.get).toMatchObject({
      route: 'GET /animals/{animal_id}',
      access: 'public',
      errors: { notFound: { code: 'not_found' } },
    })
    expect(endpoints.list!.input.properties).toMatchObject({
      page: { type: 'integer', default: 1 },
      kinds: { default: [] },
    })
    expect(endpoints.create!.input).toMatchObject({
      required: ['kind'],
      properties: { legs: { default: 4, minimum: 0 } },
    })
    expect(schemas!.Animal!.properties).toMatchObject({
      kind: { enum: ['cat', 'dog'] },
      born: { type: 'string', format: 'date-time', description: 'When it was born.' },
      parent: { anyOf: [{ $ref: '#/schemas/Animal' }, { type: 'null' }] },
    })
    expect(photos.document.endpoints.set!.body).toMatchObject({ types: ['image/png'] })
  })

  it('leaves gRPC out where protobuf cannot carry it, and nowhere else', () => {
    expect(animals.withoutGrpc).toEqual(['create', 'get', 'list'])
    expect(animals.document.endpoints.delete).not.toHaveProperty('grpc')
    expect(photos.withoutGrpc).toEqual([])
  })

  it('lists what a contract cannot say', () => {
    const losses = [...animals.losses, ...photos.losses].map(({ where, what }) => `${where}: ${what}`)
    for (const part of [
      "GET /animals: the header parameter 'X-Trace' is left out",
      'POST /animals: the status 201; it is 200',
      'GET /animals/{animal_id}: deprecated',
      'Animal.tags: uniqueItems',
      'Animal.weight: oneOf',
      'GET /animals/latest/{what}: no endpoint: /animals/latest/photo would match',
      'GET /file-{name}.json: no endpoint',
    ])
      expect(
        losses.some((loss) => loss.startsWith(part)),
        part,
      ).toBe(true)
  })

  it('has an answer for each endpoint that its output allows', () => {
    const { endpoints, schemas = {} } = animals.document
    for (const [name, { output }] of Object.entries(endpoints))
      expect('schema' in output && refusal(animals.answers[name], output.schema, schemas)).toBeUndefined()
  })

  it('writes the same again when it is exported and imported', () => {
    for (const { name, document } of servlets) {
      const [again] = importOpenApi(openApiOf(document) as never)
      expect(again!.name).toBe(name)
      const { changes } = compare(comparable(document), comparable(again!.document))
      expect(changes.filter(({ severity }) => severity !== 'patch')).toEqual([])
    }
  })

  it('puts routes under a prefix and takes some tags only', () => {
    const [only, ...others] = importOpenApi(zoo, {
      prefix: '/zoo',
      tags: ['photos'],
      access: 'user',
      namePrefix: 'zoo-',
    })
    expect(others).toEqual([])
    expect(only!.document).toMatchObject({
      name: 'zoo-photos',
      endpoints: { get: { route: 'GET /zoo/animals/{animal_id}/photo', access: 'user' } },
    })
  })

  it('writes no code of the description', () => {
    const text = ["'}); globalThis.broken = true; ({ a: '`", '{globalThis.broken = true}'].join('$')
    const [servlet] = importOpenApi({
      openapi: '3.0.3',
      paths: {
        '/x': {
          get: {
            operationId: text,
            tags: [text],
            summary: text,
            parameters: [
              { name: text, in: 'query', schema: { type: 'string', enum: [text], description: text } },
            ],
            responses: { 200: {} },
          },
        },
      },
    })
    expect(globalThis).not.toHaveProperty('broken')
    expect(servlet!.document.endpoints).toMatchObject({
      globalThisBrokenTrueAGlobalThisBrokenTrue: { description: text },
    })
  })
})
