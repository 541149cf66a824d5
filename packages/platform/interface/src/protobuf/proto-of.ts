import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import { defaultJsonName, oneOfName } from './proto-names.ts'
import { type ProtobufEnum, type ProtobufField, type ProtobufMessage, protobufOf } from './protobuf-of.ts'
import type { FieldType, MethodShape } from './shape.ts'

/**
 * The .proto text of a document, for callers that are not written in TypeScript.
 *
 * @throws InterfaceError when the document was not generated and numbers are missing.
 */
export function protoOf(document: InterfaceDocument): string {
  const protobuf = protobufOf(document)
  const messages = [...protobuf.messages.values()]
  const withBytes =
    protobuf.methods.some(({ response }) => response.kind === 'bytes') ||
    messages.some(({ fields }) => fields.some(({ type }) => type.kind === 'bytes'))
  const parts = [
    ['syntax = "proto3";'],
    [`package ${protobuf.package};`],
    ...(withBytes ? [['import "google/api/httpbody.proto";']] : []),
    ...(protobuf.methods.length > 0
      ? [
          [
            `service ${protobuf.service} {`,
            ...separated(
              protobuf.methods.map((method) => methodLines(method, document.endpoints[method.endpoint]!)),
            ).map(indented),
            '}',
          ],
        ]
      : []),
    ...messages.map(messageLines),
    ...[...protobuf.enums.values()].map(enumLines),
  ]
  return `${separated(parts).join('\n')}\n`
}

function methodLines(method: MethodShape, endpoint: EndpointDocument): string[] {
  const stream = (yes: boolean, type: string): string => (yes ? `stream ${type}` : type)
  const request = stream(method.requestStream, method.request)
  const response = stream(method.responseStream, typeName(method.response))
  const options = [
    ...(endpoint.deprecated ? ['option deprecated = true;'] : []),
    ...(endpoint.route.startsWith('GET ')
      ? ['option idempotency_level = NO_SIDE_EFFECTS;']
      : endpoint.idempotent
        ? ['option idempotency_level = IDEMPOTENT;']
        : []),
  ]
  const head = `rpc ${method.name}(${request}) returns (${response})`
  return [
    ...comment(endpoint.description),
    ...comment(`${endpoint.route} (${endpoint.access})`),
    ...method.errors.map(({ code, message }) => `// Error ${code.toUpperCase()}: ${message}`),
    ...(endpoint.deprecated
      ? comment(
          `Deprecated since ${endpoint.deprecated.since}, may be gone after ${endpoint.deprecated.sunset}.` +
            (endpoint.deprecated.use === undefined ? '' : ` Use ${endpoint.deprecated.use}.`),
        )
      : []),
    ...(options.length === 0 ? [`${head};`] : [`${head} {`, ...options.map(indented), '}']),
  ]
}

function messageLines(message: ProtobufMessage): string[] {
  const fields = message.fields.flatMap((field) => fieldLines(field, message.oneOf !== undefined))
  const body = [
    ...reservedLines(message.reserved, message.reservedNames),
    ...(message.oneOf === undefined || fields.length === 0
      ? fields
      : [
          `oneof ${oneOfName(
            message.oneOf,
            message.fields.map(({ protoName }) => protoName),
          )} {`,
          ...fields.map(indented),
          '}',
        ]),
  ]
  return [...comment(message.description), ...block(`message ${message.name}`, body)]
}

function fieldLines(field: ProtobufField, isVariant: boolean): string[] {
  const type = typeName(field.type)
  const labelled = {
    single: type,
    // A message has presence without saying so.
    optional: field.type.kind === 'message' ? type : `optional ${type}`,
    repeated: `repeated ${type}`,
    map: `map<string, ${type}>`,
  }[field.label]
  const options = [
    ...(field.deprecated ? ['deprecated = true'] : []),
    ...(isVariant || defaultJsonName(field.protoName) === field.name
      ? []
      : [`json_name = ${JSON.stringify(field.name)}`]),
  ]
  const suffix = options.length > 0 ? ` [${options.join(', ')}]` : ''
  return [...comment(field.description), `${labelled} ${field.protoName} = ${field.number}${suffix};`]
}

function enumLines(each: ProtobufEnum): string[] {
  const body = [
    ...reservedLines(each.reserved, []),
    `${each.unspecified} = 0;`,
    ...each.values.map(({ constant, number }) => `${constant} = ${number};`),
  ]
  return [...comment(each.description), ...block(`enum ${each.name}`, body)]
}

function reservedLines(numbers: readonly number[], names: readonly string[]): string[] {
  const ranges: [from: number, to: number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return [
    ...(ranges.length > 0
      ? [`reserved ${ranges.map(([from, to]) => (from === to ? from : `${from} to ${to}`)).join(', ')};`]
      : []),
    ...(names.length > 0 ? [`reserved ${names.map((name) => JSON.stringify(name)).join(', ')};`] : []),
  ]
}

function typeName(type: FieldType): string {
  return type.kind === 'bytes' ? 'google.api.HttpBody' : type.name
}

function block(head: string, body: readonly string[]): string[] {
  return body.length === 0 ? [`${head} {}`] : [`${head} {`, ...body.map(indented), '}']
}

function comment(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => `// ${line}`.trimEnd())
}

function separated(parts: readonly string[][]): string[] {
  return parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]))
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`
}
