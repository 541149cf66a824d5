import { type Code, codes } from '@atlas/contract'
import type { EndpointDocument } from '../document.ts'
import type { JsonSchema } from '../json-schema.ts'
import { sortedEntries } from '../records.ts'
import type { Operation, ResponseObject } from './document.ts'
import { bytesContent, json } from './request.ts'

/** The platform's own error document, which any endpoint may answer with. */
export const errorSchema: JsonSchema = {
  type: 'object',
  description: 'An error. Of the kinds that an endpoint declares, or without a kind from the platform.',
  properties: {
    code: {
      type: 'string',
      enum: Object.keys(codes),
      description: 'What a caller who knows no kinds goes by.',
    },
    message: { type: 'string', description: 'For people; not to be parsed.' },
    kind: { type: 'string', description: 'Which of the declared errors this is.' },
    data: {
      description:
        'What the kind declares; for a refused input without a kind, `issues` with path and message.',
    },
  },
  required: ['code', 'message'],
}

/** The responses of an operation; `errorRef` is where {@link errorSchema} is. */
export function responsesOf(endpoint: EndpointDocument, errorRef: JsonSchema): Operation['responses'] {
  const byStatus = new Map<number, [kind: string, code: Code, data: JsonSchema][]>()
  for (const [kind, { code, data }] of sortedEntries(endpoint.errors)) {
    const status = codes[code].http
    byStatus.set(status, [...(byStatus.get(status) ?? []), [kind, code, data]])
  }
  return {
    '200': success(endpoint.output),
    ...Object.fromEntries(
      [...byStatus].map(([status, errors]): [string, ResponseObject] => [
        String(status),
        {
          description: errors.map(([kind, code]) => `${kind} (${code})`).join(', '),
          // The platform may answer with this status too, so a kind is not certain.
          content: json({ anyOf: [...errors.map((error) => typedError(...error)), errorRef] }),
        },
      ]),
    ),
    default: { description: 'Any other error.', content: json(errorRef) },
  }
}

function success(output: EndpointDocument['output']): ResponseObject {
  if ('schema' in output) return { description: 'The answer.', content: json(output.schema) }
  if ('bytes' in output) return { description: 'Raw bytes.', content: bytesContent(output.bytes.types) }
  return {
    description:
      'A stream of items, each described by the schema: one JSON value a line or, where the request accepts ' +
      'text/event-stream, one event an item with the JSON as its data.',
    content: {
      'application/x-ndjson': { schema: output.stream },
      'text/event-stream': { schema: output.stream },
    },
  }
}

function typedError(kind: string, code: Code, data: JsonSchema): JsonSchema {
  return {
    type: 'object',
    title: kind,
    properties: {
      code: { type: 'string', const: code },
      kind: { type: 'string', const: kind },
      message: { type: 'string' },
      data,
    },
    required: ['code', 'kind', 'message', ...(data.required?.length || data.$ref ? ['data'] : [])],
  }
}
