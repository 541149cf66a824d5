import { type Access, mustParseRoute } from '@atlas/contract'
import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import type { JsonSchema } from '../json-schema.ts'
import { sortedEntries } from '../records.ts'
import type { Operation } from './document.ts'
import { openApiPath, requestOf } from './request.ts'
import { responsesOf } from './responses.ts'

/** An operation and where it goes. */
export interface PlacedOperation {
  readonly method: string
  /** As in the route, `/content/{path*}`. */
  readonly route: string
  /** As OpenAPI writes it, `/content/{path}`. */
  readonly path: string
  readonly operation: Operation
}

/** The name of the one security scheme: what signed-in users send. */
export const userScheme = 'user'

/** The operations of a document. References in them are still those of the document, but for `errorRef`. */
export function operationsOf(
  document: InterfaceDocument,
  options: { includeInternal: boolean; errorRef: JsonSchema; operationId: (endpoint: string) => string },
): PlacedOperation[] {
  return sortedEntries(document.endpoints)
    .filter(([, { access }]) => options.includeInternal || access !== 'internal')
    .map(([name, endpoint]) => {
      const pattern = mustParseRoute(endpoint.route)
      return {
        method: pattern.method.toLowerCase(),
        route: pattern.path,
        path: openApiPath(pattern),
        operation: {
          operationId: options.operationId(name),
          tags: [document.name],
          ...notes(endpoint),
          ...requestOf(endpoint, document.schemas ?? {}),
          responses: responsesOf(endpoint, options.errorRef),
          ...security(endpoint.access),
        },
      }
    })
}

function notes({ description, deprecated }: EndpointDocument): Partial<Operation> {
  const ends =
    deprecated &&
    `Deprecated since ${deprecated.since}, may be gone after ${deprecated.sunset}.` +
      (deprecated.use === undefined ? '' : ` Use ${deprecated.use}.`)
  const text = [description, ends].filter((part) => part !== undefined).join('\n\n')
  return {
    ...(text === '' ? {} : { description: text }),
    ...(deprecated ? { deprecated: true, 'x-sunset': deprecated.sunset } : {}),
  }
}

function security(access: Access): Partial<Operation> {
  return { ...(access === 'user' ? { security: [{ [userScheme]: [] }] } : {}), 'x-access': access }
}
