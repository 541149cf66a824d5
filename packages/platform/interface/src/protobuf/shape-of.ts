import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import type { JsonSchema } from '../json-schema.ts'
import { pascalCase, payloadNames } from '../names.ts'
import type { InterfaceProblem } from '../problem.ts'
import { sortedEntries } from '../records.ts'
import { messageOfPayload, type ShapeBuilder, shapeBuilder } from './message-shape.ts'
import type { FieldType, MethodShape, ProtobufShape } from './shape.ts'

/**
 * The protobuf form of a document's endpoints, those with `grpc: false` apart. It follows from the JSON Schemas alone, so
 * that the form of an older document can be told as well.
 */
export function protobufShapeOf(document: InterfaceDocument): {
  shape: ProtobufShape
  problems: readonly InterfaceProblem[]
} {
  const service = pascalCase(document.name)
  const builder = shapeBuilder(document.schemas ?? {}, service)
  const methods = sortedEntries(document.endpoints)
    .filter(([, endpoint]) => endpoint.grpc !== false)
    .map(([name, endpoint]) => methodOf(name, endpoint, builder))
  return {
    shape: {
      package: document.name.replaceAll('-', '_'),
      service,
      methods,
      messages: builder.messages,
      enums: builder.enums,
    },
    problems: builder.problems,
  }
}

function methodOf(endpoint: string, document: EndpointDocument, builder: ShapeBuilder): MethodShape {
  const { input, body, output, errors } = document
  const message = (name: string, schema: JsonSchema, withBody = false): string => {
    messageOfPayload(name, schema, withBody, builder)
    return name
  }
  const request = message(payloadNames.input(endpoint), input, body !== undefined)
  const payload = 'schema' in output ? output.schema : 'stream' in output ? output.stream : undefined
  const response: FieldType = payload
    ? { kind: 'message', name: message(payloadNames.output(endpoint), payload) }
    : { kind: 'bytes' }
  return {
    name: pascalCase(endpoint),
    endpoint,
    request,
    requestStream: body !== undefined,
    response,
    responseStream: !('schema' in output),
    errors: sortedEntries(errors).map(([kind, { code, data }]) => ({
      kind,
      code,
      message: message(payloadNames.error(endpoint, kind), data),
    })),
  }
}
