import type { JsonSchema, OpenApiDescription } from '@atlas/interface'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

type Described = Readonly<Record<string, unknown>>

/** A description as it was published, asked without any code of the import or the comparison. */
export class DescribedApi {
  readonly #description: Described
  readonly #ajv: Ajv

  constructor(description: OpenApiDescription) {
    this.#description = description as Described
    this.#ajv = new Ajv({ strict: false, logger: false, validateSchema: false })
    addFormats.default(this.#ajv)
    this.#ajv.addSchema({ $id: 'api', components: withNull(description.components) as object })
  }

  /** An operation, `GET /users/{name}`. */
  operation(name: string): Described | undefined {
    const [method = '', path = ''] = name.split(' ')
    const item = (this.#description.paths as Record<string, Described>)[path]
    return item?.[method.toLowerCase()] as Described | undefined
  }

  /** Whether ajv finds a value valid under the first good answer of an operation; undefined where none is JSON. */
  allowsAnswer(operation: string, value: unknown): boolean | undefined {
    const responses = (this.operation(operation)?.responses ?? {}) as Record<string, unknown>
    for (const [status, response] of Object.entries(responses)) {
      const content = (this.follow(response).content ?? {}) as Record<string, { schema?: JsonSchema }>
      const schema = status.startsWith('2') ? content['application/json']?.schema : undefined
      if (!schema) continue
      const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')
      return this.#ajv.compile(withNull(JSON.parse(text)) as object)(value)
    }
    return undefined
  }

  /** A parameter of an operation. */
  parameter(operation: string, name: string): Described | undefined {
    const path = operation.split(' ')[1] ?? ''
    const item = (this.#description.paths as Record<string, Described>)[path]
    return [
      ...((item?.parameters as unknown[]) ?? []),
      ...((this.operation(operation)?.parameters as unknown[]) ?? []),
    ]
      .map((each) => this.follow(each))
      .find((each) => each.name === name)
  }

  /** What a reference stands for. */
  follow(value: unknown): Described {
    const ref = (value as { $ref?: string } | undefined)?.$ref
    if (ref === undefined) return (value ?? {}) as Described
    const steps = ref.slice(2).split('/')
    return this.follow(
      steps.reduce<unknown>((each, key) => (each as Described | undefined)?.[key], this.#description),
    )
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
