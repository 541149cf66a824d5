import type { JsonSchema } from '../json-schema.ts'

/** An OpenAPI 3.1 document, as far as contracts fill one. */
export interface OpenApiDocument {
  openapi: '3.1.1'
  info: OpenApiInfo
  servers?: { url: string; description?: string }[]
  tags?: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components?: {
    schemas?: Record<string, JsonSchema>
    securitySchemes?: Record<string, object>
  }
  [extension: `x-${string}`]: unknown
}

/** What a document says of itself. */
export interface OpenApiInfo {
  title: string
  version: string
  description?: string
}

/** One endpoint. */
export interface Operation {
  operationId: string
  tags: string[]
  description?: string
  deprecated?: boolean
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, ResponseObject>
  security?: Record<string, string[]>[]
  [extension: `x-${string}`]: unknown
}

/** A field of a path or a query. */
export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  description?: string
  deprecated?: boolean
  schema: JsonSchema
  /** The field of the input, where a path that OpenAPI takes for the same gives it another name. */
  'x-field'?: string
}

/** Schemas by media type. */
export type Content = Record<string, { schema?: JsonSchema }>

/** What an endpoint answers. */
export interface ResponseObject {
  description: string
  content?: Content
}
