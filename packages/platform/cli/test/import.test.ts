import { describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { newCompany } from './company.ts'
import { start } from './platform.ts'

// Each starts several programs, on machines that do other things too.
vi.setConfig({ testTimeout: 300_000 })

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer' } }

const shop = {
  openapi: '3.0.3',
  paths: {
    '/things': {
      get: {
        operationId: 'things/list',
        tags: ['things'],
        responses: { 200: json({ type: 'array', items: { $ref: '#/components/schemas/thing' } }) },
      },
      post: {
        operationId: 'things/add',
        tags: ['things'],
        requestBody: json({ $ref: '#/components/schemas/thing' }),
        responses: { 201: json({ $ref: '#/components/schemas/thing' }) },
      },
    },
    '/things/{id}': {
      get: {
        operationId: 'things/get',
        tags: ['things'],
        parameters: [id],
        responses: { 200: json({ $ref: '#/components/schemas/thing' }), 404: {} },
      },
    },
    '/things/{id}/photo': {
      get: {
        operationId: 'photos/get',
        tags: ['photos'],
        parameters: [id],
        responses: { 200: { content: { 'image/png': {} } } },
      },
    },
    '/photos/latest': { delete: { operationId: 'photos/forget', tags: ['photos'], responses: { 204: {} } } },
  },
  components: {
    schemas: {
      thing: {
        type: 'object',
        required: ['name', 'size'],
        properties: {
          name: { type: 'string', minLength: 3 },
          size: { enum: ['s', 'm'] },
          next: { $ref: '#/components/schemas/thing' },
        },
      },
    },
  },
}

/** A text that would be as long as ten to the ninth. */
const bomb = Array.from(
  { length: 9 },
  (_, index) => `a${index}: &a${index} [${index === 0 ? 'x' : `*a${index - 1},`.repeat(10)}]`,
).join('\n')

describe('atlas import openapi', () => {
  it('reads YAML', async () => {
    await using company = await newCompany()
    await company.write('shop.yaml', `# a shop\n${stringify(shop)}`)
    const made = await company.atlas('import', 'openapi', 'shop.yaml', '--json')
    expect(JSON.parse(made.stdout)).toMatchObject({
      servlets: [{ name: 'things', endpoints: 3 }, { name: 'photos' }],
    })
  })

  it('writes servlets that check, and that serve answers of the right shape', async () => {
    await using company = await newCompany()
    await company.atlas('interface')
    await company.write('shop.json', JSON.stringify(shop))
    const made = await company.atlas(
      'import',
      'openapi',
      'shop.json',
      '--prefix',
      '/shop',
      '--access',
      'public',
      '--json',
    )
    expect(made.code).toBe(0)
    expect(JSON.parse(made.stdout)).toMatchObject({
      servlets: [
        {
          name: 'things',
          endpoints: 3,
          withoutGrpc: ['list'],
          losses: [{ where: 'POST /things', what: 'the status 201; it is 200' }],
        },
        { name: 'photos', endpoints: 2, withoutGrpc: [] },
      ],
      skipped: [],
    })
    const checked = await company.atlas('check', '--json')
    expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, findings: [] })
    await using platform = await start(company)
    const answer = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${platform.url}${path}`, init)
      return [response.status, await response.json()]
    }
    const thing = { name: expect.stringMatching(/.{3}/), size: 's' }
    expect(await answer('/shop/things/7')).toEqual([200, thing])
    expect(await answer('/shop/things')).toEqual([200, []])
    const body = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"abc","size":"m"}',
    }
    expect(await answer('/shop/things', body)).toEqual([200, thing])
    expect(await answer('/shop/photos/latest', { method: 'DELETE' })).toEqual([200, {}])
    const photo = await fetch(`${platform.url}/shop/things/7/photo`)
    expect([photo.status, photo.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect((await fetch(`${platform.url}/shop/things/x`)).status).toBe(400)
  })

  it('leaves alone what is there, and says what is wrong with a file, a tag, a prefix', async () => {
    await using company = await newCompany()
    await company.write('shop.json', JSON.stringify(shop))
    await company.atlas('import', 'openapi', 'shop.json', '--tag', 'things')
    await company.write('packages/servlets/things/src/servlet.ts', '// mine\n')
    const again = await company.atlas('import', 'openapi', 'shop.json', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({
      servlets: [{ name: 'photos' }],
      skipped: ['packages/servlets/things'],
    })
    expect(await company.read('packages/servlets/things/src/servlet.ts')).toBe('// mine\n')
    await company.write('other.json', '{ "swagger": "2.0" }')
    await company.write('broken.json', '{')
    await company.write('nested.json', JSON.stringify({ ...shop, paths: { '/x': { get: 'y' } } }))
    await company.write('broken.yaml', 'openapi: 3.0.3\npaths: [')
    await company.write('bomb.yaml', `openapi: 3.0.3\n${bomb}`)
    for (const [args, code, says] of [
      [
        ['other.json'],
        1,
        'other.json cannot be imported: it is OpenAPI 2.0 (Swagger); convert it to OpenAPI 3 first',
      ],
      [['broken.json'], 1, 'broken.json is not JSON: '],
      [['nested.json'], 1, 'nested.json cannot be imported: paths./x.get is no object; correct it there'],
      [['broken.yaml'], 1, 'broken.yaml is not YAML: '],
      [['bomb.yaml'], 1, 'bomb.yaml is not YAML: '],
      [['nowhere.json'], 2, 'cannot be read'],
      [['shop.json', '--tag', 'thigns'], 2, "did you mean 'things'?"],
      [['shop.json', '--prefix', 'shop'], 2, 'write it as /github'],
    ] as const) {
      const refused = await company.atlas('import', 'openapi', ...args)
      expect(refused).toMatchObject({ code, stderr: expect.stringContaining(says) })
    }
  })
})
