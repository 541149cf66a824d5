import type { JsonSchema } from '../json-schema.ts'

/** An OpenAPI 3.0 or 3.1 description, as far as it is read. */
export interface OpenApiDescription {
  readonly openapi?: string
  readonly paths?: Readonly<Record<string, PathItem>>
  readonly components?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The operations of a path. */
export type PathItem = Readonly<Record<string, unknown>> & { readonly parameters?: readonly unknown[] }

/** An operation. */
export interface OperationDescription {
  readonly operationId?: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly parameters?: readonly unknown[]
  readonly requestBody?: unknown
  readonly responses?: Readonly<Record<string, unknown>>
}

/** A parameter. */
export interface ParameterDescription {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: JsonSchema
  /** As Atlas exports a field whose path has another name for it. */
  readonly 'x-field'?: string
}

/** A body, of a request or an answer. */
export interface BodyDescription {
  readonly required?: boolean
  readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>>
}

/** Something that a contract cannot say, and what was made of it. */
export interface Loss {
  /** `GET /users/{name}`, or a schema's name. */
  readonly where: string
  readonly what: string
}

/** Follows a reference within a description; what is none stays as it is. */
export function resolved<T>(value: unknown, description: OpenApiDescription): T {
  let at: unknown = value
  for (let steps = 0; steps < 20 && isReference(at); steps++)
    at = at.$ref
      .replace(/^#\//, '')
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((each, key) => (each as Record<string, unknown> | undefined)?.[key], description)
  return at as T
}

function isReference(value: unknown): value is { $ref: string } {
  return typeof value === 'object' && value !== null && '$ref' in value && typeof value.$ref === 'string'
}
