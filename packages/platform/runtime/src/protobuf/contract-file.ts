import {
  defaultJsonName,
  type FieldType,
  type InterfaceDocument,
  oneOfName,
  type ProtobufEnum,
  type ProtobufMessage,
  protobufOf,
} from '@atlas/interface'
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoType } from './file.ts'
import { httpBody, httpBodyFile } from './google-files.ts'

/** The errors of an endpoint: full names of messages by kind. */
export type ErrorMessages = ReadonlyMap<string, string>

/** What a servlet's document is in protobuf. */
export interface ContractFile {
  readonly file: ProtoFile
  /** The name of the one service, `greeter.Greeter`. */
  readonly service: string
  readonly endpoints: readonly { readonly name: string; readonly errors: ErrorMessages }[]
}

/**
 * The .proto file of a document, as `protoOf` writes it. Endpoints stand in the order of the service's methods.
 *
 * @throws InterfaceError when the document was not generated and numbers are missing
 */
export function contractFile(document: InterfaceDocument): ContractFile {
  const protobuf = protobufOf(document)
  const full = (name: string): string => `${protobuf.package}.${name}`
  const typeOf = (type: FieldType): ProtoType => {
    if (type.kind === 'bytes') return { kind: 'message', name: httpBody }
    return type.kind === 'scalar' ? type : { kind: type.kind, name: full(type.name) }
  }
  const messages = [...protobuf.messages.values()].map((message) => messageOf(message, full, typeOf))
  const methods = protobuf.methods.map((method) => {
    const { route, idempotent, deprecated } = document.endpoints[method.endpoint]!
    return {
      name: method.name,
      request: full(method.request),
      requestStream: method.requestStream,
      response: typeOf(method.response).name,
      responseStream: method.responseStream,
      idempotency: route.startsWith('GET ')
        ? ('no-side-effects' as const)
        : idempotent
          ? ('idempotent' as const)
          : ('unknown' as const),
      deprecated: deprecated !== undefined,
    }
  })
  const withBytes =
    methods.some(({ response }) => response === httpBody) ||
    messages.some(({ fields }) => fields.some(({ type }) => type.name === httpBody))
  return {
    file: {
      name: `${protobuf.package}.proto`,
      package: protobuf.package,
      imports: withBytes ? [httpBodyFile.name] : [],
      messages,
      enums: [...protobuf.enums.values()].map((each) => enumOf(each, full)),
      services: methods.length === 0 ? [] : [{ name: protobuf.service, methods }],
    },
    service: full(protobuf.service),
    endpoints: protobuf.methods.map(({ endpoint, errors }) => ({
      name: endpoint,
      errors: new Map(errors.map(({ kind, message }) => [kind, full(message)])),
    })),
  }
}

function messageOf(
  { name, fields, oneOf }: ProtobufMessage,
  full: (name: string) => string,
  typeOf: (type: FieldType) => ProtoType,
): ProtoMessage {
  const oneOfFields =
    oneOf === undefined
      ? {}
      : {
          oneOf: oneOfName(
            oneOf,
            fields.map(({ protoName }) => protoName),
          ),
        }
  return {
    name: full(name),
    ...(oneOf === undefined ? {} : { discriminator: oneOf }),
    fields: fields.map(
      (field): ProtoField => ({
        name: field.name,
        protoName: field.protoName,
        jsonName: oneOf === undefined ? field.name : defaultJsonName(field.protoName),
        number: field.number,
        label: field.label,
        type: typeOf(field.type),
        absentIsNull: field.nullable ?? false,
        ...oneOfFields,
        ...(field.deprecated ? { deprecated: true } : {}),
      }),
    ),
  }
}

function enumOf({ name, unspecified, values }: ProtobufEnum, full: (name: string) => string): ProtoEnum {
  return { name: full(name), values: [{ value: undefined, constant: unspecified, number: 0 }, ...values] }
}
