import type { InterfaceDocument } from '../document.ts'
import { byCodeUnits } from '../records.ts'
import { assemble } from './assemble.ts'
import type { OpenApiDocument, OpenApiInfo } from './document.ts'
import type { OpenApiOptions } from './openapi-of.ts'

/**
 * The OpenAPI 3.1 document of all servlets behind one gateway. Each is a tag; schemas of the same name that differ get
 * the name of their servlet in front.
 */
export function openApiOfProduct(
  documents: readonly InterfaceDocument[],
  info: OpenApiInfo,
  options: Omit<OpenApiOptions, 'version'> = {},
): OpenApiDocument {
  const sorted = [...documents].sort((a, b) => byCodeUnits(a.name, b.name))
  return assemble(sorted, info, {
    ...options,
    operationId: (document, name) => `${document.name}.${name}`,
  })
}
