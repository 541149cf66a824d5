import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import type { JsonSchema } from '@atlas/interface'

/** An operation of a description, with what requests need. */
export interface Operation {
  /** `get` */
  readonly method: string
  /** `/repos/{owner}/{repo}` */
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly type: string; readonly schema: JsonSchema } | undefined
  /** The media type and schema of the first good answer that has a body. */
  readonly answer: { readonly type: string; readonly schema: JsonSchema } | undefined
}

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

/** GitHub's description of its REST API, version 20.0.0 of `@octokit/openapi`. */
export async function gitHubText(): Promise<string> {
  return brotliDecompressSync(await readFile(join(import.meta.dirname, 'api.github.com.json.br'))).toString()
}

type Described = Readonly<Record<string, unknown>>

/** The operations of a description. Reads it without any code of the importer. */
export function operationsOf(description: Described): Operation[] {
  const follow = (value: unknown): Described => {
    const ref = (value as { $ref?: string }).$ref
    if (ref === undefined) return value as Described
    return follow(
      ref
        .slice(2)
        .split('/')
        .reduce<unknown>((each, key) => (each as Described)[key], description),
    )
  }
  return Object.entries(description.paths as Record<string, Described>).flatMap(([path, item]) =>
    ['get', 'post', 'put', 'patch', 'delete'].flatMap((method): Operation[] => {
      const operation = item[method] as Described | undefined
      if (!operation) return []
      const given = [
        ...((item.parameters as unknown[]) ?? []),
        ...((operation.parameters as unknown[]) ?? []),
      ]
      const contents = (value: unknown) =>
        Object.entries((follow(value ?? {}).content ?? {}) as Record<string, Described>)
          .sort(([a], [b]) => Number(/json/.test(b)) - Number(/json/.test(a)))
          .map(([type, { schema = {} }]) => ({ type, schema: schema as JsonSchema }))
      const [body] = contents(operation.requestBody)
      const [good] = Object.entries(operation.responses as Described)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, response]) => contents(response).slice(0, 1))
      const parameters = given.map((each) => follow(each) as unknown as Parameter)
      return [{ method, path, parameters, body, answer: good }]
    }),
  )
}

const texts = [
  'a',
  'abcd'.repeat(10),
  'refs/heads/main',
  'YWJj',
  'first',
  'ssh-rsa AAAA',
  `sha256:${'ab'.repeat(32)}`,
  'https://registry.example.com/',
]

/** A value of a schema of the description, of the required fields only. */
export function sampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): unknown {
  if (schema.$ref !== undefined) return sampleOf(schemas[schema.$ref.split('/').at(-1)!]!, schemas)
  if (schema.enum) return schema.enum[0]
  const option = (schema.oneOf ?? schema.anyOf)?.[0]
  if (option && !schema.properties) return sampleOf(option, schemas)
  if (schema.properties) {
    const names = new Set([...(schema.required ?? []), ...(option?.required ?? [])])
    return Object.fromEntries(
      [...names].map((name) => [name, sampleOf(schema.properties![name] ?? {}, schemas)]),
    )
  }
  switch ([schema.type].flat()[0]) {
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'object':
      return {}
    case 'array':
      return Array.from({ length: Number(schema.minItems ?? 0) }, () =>
        sampleOf(schema.items as JsonSchema, schemas),
      )
    default: {
      const { pattern = '', minLength = 0 } = schema as { pattern?: string; minLength?: number }
      return texts.find((text) => text.length >= minLength && new RegExp(pattern).test(text))
    }
  }
}
