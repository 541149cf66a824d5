import {
  compare,
  type InterfaceDocument,
  importOpenApi,
  type JsonSchema,
  type OpenApiDescription,
  openApiOf,
} from '@atlas/interface'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { expect, it } from 'vitest'
import { gitHubText, type Operation, operationsOf, sampleOf } from './github/description.ts'
import { productCopy } from './github/product.ts'
import { start } from './platform.ts'

/** What a call got. */
interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: string
}

it("serves GitHub's REST API, imported, beside the product: every route, with answers that GitHub's description allows", async () => {
  await using product = await productCopy()
  const text = await gitHubText()
  await product.write('github.json', text)
  const made = await product.atlas(
    ...['import', 'openapi', 'github.json', '--prefix', '/github', '--name-prefix', 'github-'],
    ...['--access', 'public', '--owner', 'web', '--json'],
  )
  expect(made).toMatchObject({ code: 0 })
  const { servlets } = JSON.parse(made.stdout) as {
    servlets: { name: string; endpoints: number; losses: { where: string; what: string }[] }[]
  }
  expect(servlets).toHaveLength(41)

  const description = JSON.parse(text) as { components: { schemas: Record<string, JsonSchema> } }
  const operations = operationsOf(description)
  const left = new Set(
    servlets.flatMap(({ losses }) =>
      losses.filter(({ what }) => what.startsWith('no endpoint')).map(({ where }) => where),
    ),
  )
  const served = operations.filter(({ method, path }) => !left.has(`${method.toUpperCase()} ${path}`))
  expect(served).toHaveLength(servlets.reduce((sum, { endpoints }) => sum + endpoints, 0))
  expect(operations).toHaveLength(1080)

  await using platform = await start(product)
  const { schemas } = description.components
  const valid = validator(description.components)
  const wrong: string[] = []
  const waiting = served.values()
  // A few at a time.
  const callAll = async () => {
    for (const operation of waiting) {
      const answer = await call(`${platform.url}/github`, operation, schemas)
      const why = answer.status === 200 ? valid(operation, answer) : answer.body
      if (why !== undefined)
        wrong.push(`${operation.method} ${operation.path} ${answer.status}: ${why.slice(0, 200)}`)
    }
  }
  await Promise.all([callAll(), callAll(), callAll(), callAll()])
  expect(wrong).toEqual([])
  expect(waiting.next().done).toBe(true)
  // The product is there as it was.
  const greeting = await fetch(`${platform.url}/greet/ada`)
  expect(await greeting.json()).toEqual({ message: 'Hello ada' })
}, 600_000)

it('exports each of the imported servlets as a description that, imported again, compares as equal', async () => {
  const servlets = importOpenApi(JSON.parse(await gitHubText()) as OpenApiDescription)
  const changed = servlets.flatMap(({ name, document }) => {
    const again = importOpenApi(openApiOf(document) as OpenApiDescription)
    if (again.length !== 1) return [`${name} became ${again.map((each) => each.name)}`]
    const { changes } = compare(withoutGrpc(document), withoutGrpc(again[0]!.document))
    // Patches are texts: names of shared schemas, say.
    return changes
      .filter(({ severity }) => severity !== 'patch')
      .map(({ rule, path }) => `${name} ${path} ${rule}`)
  })
  expect(changed).toEqual([])
  expect(servlets).toHaveLength(41)
}, 300_000)

/** A description says nothing of protobuf. */
function withoutGrpc(document: InterfaceDocument): InterfaceDocument {
  const { protobuf: _numbers, ...copy } = structuredClone(document)
  for (const endpoint of Object.values(copy.endpoints)) endpoint.grpc = false
  return copy
}

async function call(
  url: string,
  { method, path, parameters, body }: Operation,
  schemas: Readonly<Record<string, JsonSchema>>,
): Promise<Answer> {
  const fieldOf = (name: string): string => {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name)
    return encodeURIComponent(String(parameter ? sampleOf(parameter.schema, schemas) : 'a'))
  }
  const query = new URLSearchParams(
    parameters
      .filter((each) => each.in === 'query' && each.required)
      .map(({ name, schema }): [string, string] => [name, String(sampleOf(schema, schemas))]),
  )
  const target = path.replace(/\{([^}]+)\}/g, (_, name: string) => fieldOf(name)).replace(/\/$/, '')
  const sends = method !== 'get' && method !== 'delete'
  const type = body?.type ?? 'application/json'
  const response = await fetch(`${url}${target}?${query}`, {
    method: method.toUpperCase(),
    ...(sends
      ? {
          headers: { 'content-type': type },
          body: /json/.test(type) ? JSON.stringify(body ? sampleOf(body.schema, schemas) : {}) : 'text',
        }
      : {}),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.text(),
  }
}

/** Asks ajv, of GitHub's own schemas: why an answer is not as they say. */
function validator(components: object): (operation: Operation, answer: Answer) => string | undefined {
  const ajv = new Ajv({ strict: false, logger: false, validateSchema: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'github', components: withNull(components) as object })
  return ({ answer: described }, { type, body }) => {
    if (!described) return body === '{}' ? undefined : 'no answer is described'
    if (!/json/.test(described.type))
      return type?.split(';')[0] === described.type ? undefined : `is ${type}, not ${described.type}`
    const text = JSON.stringify(described.schema).replaceAll('"#/components/', '"github#/components/')
    const validate = ajv.compile(withNull(JSON.parse(text)) as object)
    return validate(JSON.parse(body)) ? undefined : ajv.errorsText(validate.errors)
  }
}

/** OpenAPI 3.0 says of a schema that it is `nullable`; JSON Schema has a type for it. */
function withNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNull)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withNull(part)]),
  )
  if (nullable === true) return { anyOf: [rest, { type: 'null' }] }
  return nullable === undefined ? rest : { nullable, ...rest }
}
