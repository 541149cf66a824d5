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

/**
 * Follows a reference within a description; what is none stays as it is. Undefined where it leads to nothing, or round in a circle.
 */
export function resolved<T>(value: unknown, description: OpenApiDescription): T | undefined {
  let at: unknown = value
  for (const seen = new Set<string>(); isReference(at); ) {
    if (seen.has(at.$ref)) return undefined
    seen.add(at.$ref)
    at = stepsOf(at.$ref).reduce<unknown>(
      (each, key) =>
        typeof each === 'object' && each !== null && Object.hasOwn(each, key)
          ? (each as Record<string, unknown>)[key]
          : undefined,
      description,
    )
  }
  return typeof at === 'object' && at !== null ? (at as T) : undefined
}

/** `#/components/schemas/a~1b` -> `components`, `schemas`, `a/b` */
export function stepsOf(ref: string): string[] {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .map((part) => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The reference that a value is; undefined where it is none. */
export function referenceOf(value: unknown): string | undefined {
  return isReference(value) ? value.$ref : undefined
}

function isReference(value: unknown): value is { $ref: string } {
  return typeof value === 'object' && value !== null && '$ref' in value && typeof value.$ref === 'string'
}
