import type { InterfaceDocument } from '../document.ts'
import type { JsonSchema } from '../json-schema.ts'
import { componentNames } from './component-names.ts'
import type { OpenApiDocument, OpenApiInfo } from './document.ts'
import type { OpenApiOptions } from './openapi-of.ts'
import { operationsOf, userScheme } from './operations.ts'
import { pathsOf } from './paths.ts'
import { components, reachable } from './reachable.ts'
import { errorSchema } from './responses.ts'
import { type Translation, translateOperation, translateSchema } from './translate.ts'

/** Puts the operations and schemas of documents together. */
export function assemble(
  documents: readonly InterfaceDocument[],
  info: OpenApiInfo,
  options: Omit<OpenApiOptions, 'version'> & {
    operationId: (document: InterfaceDocument, endpoint: string) => string
  },
): OpenApiDocument {
  const { names, errorName } = componentNames(documents)
  const errorRef = { $ref: `${components}${errorName}` }
  const schemas: Record<string, JsonSchema> = { [errorName]: errorSchema }
  const operations = documents.flatMap((document) => {
    const nameOf = (id: string): string => names.get(document)?.get(id) ?? id
    const to: Translation = { schemas: document.schemas ?? {}, nameOf }
    for (const [id, schema] of Object.entries(to.schemas)) schemas[nameOf(id)] = translateSchema(schema, to)
    return operationsOf(document, {
      includeInternal: options.includeInternal ?? false,
      errorRef,
      operationId: (endpoint) => options.operationId(document, endpoint),
    }).map((placed) => ({ ...placed, operation: translateOperation(placed.operation, to) }))
  })
  const paths = pathsOf(operations)
  const forUsers = operations.some(({ operation }) => operation.security)
  const mounts = documents.flatMap(({ mounts = {} }) =>
    Object.entries(mounts).filter(([, { access }]) => options.includeInternal || access !== 'internal'),
  )
  return {
    openapi: '3.1.1',
    info,
    ...(options.servers ? { servers: options.servers.map((server) => ({ ...server })) } : {}),
    tags: documents.map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: reachable(paths, schemas),
      ...(forUsers ? { securitySchemes: { [userScheme]: { type: 'http', scheme: 'bearer' } } } : {}),
    },
    // Mounted apps answer too, and only they know what.
    ...(mounts.length > 0 ? { 'x-mounts': Object.fromEntries(mounts) } : {}),
  }
}
