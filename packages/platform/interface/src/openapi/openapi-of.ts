import type { InterfaceDocument } from '../document.ts'
import { assemble } from './assemble.ts'
import type { OpenApiDocument } from './document.ts'

/** Options of {@link openApiOf}. */
export interface OpenApiOptions {
  /** @default none: paths are relative to where the document was found */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[]
  /** The version of the servlet. @default '0.0.0', because a document does not know its release */
  readonly version?: string
  /** Whether endpoints that only servlets may call are described. @default false */
  readonly includeInternal?: boolean
}

/** The OpenAPI 3.1 document of one servlet. */
export function openApiOf(document: InterfaceDocument, options: OpenApiOptions = {}): OpenApiDocument {
  const { version = '0.0.0', ...rest } = options
  return assemble([document], { title: document.name, version }, { ...rest, operationId: (_, name) => name })
}
