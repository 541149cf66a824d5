import { descriptorFile } from './descriptor-file.ts'
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoMethod, ScalarName } from './file.ts'
import { protoCodec } from './message-codec.ts'
import { protoTypes } from './types.ts'

const codec = protoCodec(protoTypes([descriptorFile]), 'google.protobuf.FileDescriptorProto')

/** The bytes of a file's `google.protobuf.FileDescriptorProto`. */
export function fileDescriptor(file: ProtoFile): Uint8Array {
  const tops = new Set(file.messages.map(({ name }) => name))
  const inside = (name: string): string | undefined => {
    const parent = parentOf(name)
    return tops.has(parent) ? parent : undefined
  }
  const enumsIn = (parent?: string) =>
    file.enums.filter(({ name }) => inside(name) === parent).map(enumDescriptor)
  const messagesIn = (parent?: string): object[] =>
    file.messages
      .filter(({ name }) => inside(name) === parent)
      .map((message) => ({
        ...messageDescriptor(message),
        nestedType: [...mapEntries(message), ...messagesIn(message.name)],
        enumType: enumsIn(message.name),
      }))
  return codec.encode(
    {
      name: file.name,
      package: file.package,
      dependency: file.imports,
      messageType: messagesIn(),
      enumType: enumsIn(),
      service: file.services.map(({ name, methods }) => ({ name, method: methods.map(methodDescriptor) })),
      syntax: 'proto3',
    },
    0,
  )
}

const types: Readonly<Record<ScalarName | 'message' | 'enum', number>> = {
  double: 1,
  float: 2,
  int64: 3,
  int32: 5,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
}

function messageDescriptor(message: ProtoMessage): object {
  const { name, fields } = message
  const real = [...new Set(fields.flatMap(({ oneOf }) => oneOf ?? []))]
  // A field with presence is a `oneof` of its own, and those come last.
  const alone = fields.filter(hasOwnOneOf).map(({ protoName }) => `_${protoName}`)
  const oneOfs = [...real, ...alone]
  return {
    name: lastOf(name),
    field: fields.map((field) => fieldDescriptor(field, message, oneOfs)),
    oneofDecl: oneOfs.map((name) => ({ name })),
  }
}

function hasOwnOneOf({ label, type, oneOf }: ProtoField): boolean {
  return label === 'optional' && type.kind !== 'message' && oneOf === undefined
}

function fieldDescriptor(field: ProtoField, message: ProtoMessage, oneOfs: readonly string[]): object {
  const { protoName, jsonName, number, label, deprecated } = field
  const own = hasOwnOneOf(field)
  const oneOf = own ? `_${protoName}` : field.oneOf
  return {
    name: protoName,
    jsonName,
    number,
    label: label === 'repeated' || label === 'map' ? 3 : 1,
    ...(label === 'map'
      ? { type: types.message, typeName: `.${message.name}.${entryName(field)}` }
      : typeOf(field)),
    ...(oneOf === undefined ? {} : { oneofIndex: oneOfs.indexOf(oneOf) }),
    ...(own ? { proto3Optional: true } : {}),
    ...(deprecated ? { options: { deprecated } } : {}),
  }
}

function typeOf({ type }: ProtoField): object {
  return type.kind === 'scalar'
    ? { type: types[type.name] }
    : { type: types[type.kind], typeName: `.${type.name}` }
}

/** A map is a list of messages, each with a key and a value. */
function mapEntries({ fields }: ProtoMessage): object[] {
  return fields
    .filter(({ label }) => label === 'map')
    .map((field) => ({
      name: entryName(field),
      field: [
        { name: 'key', jsonName: 'key', number: 1, label: 1, type: types.string },
        { name: 'value', jsonName: 'value', number: 2, label: 1, ...typeOf(field) },
      ],
      options: { mapEntry: true },
    }))
}

function entryName({ protoName }: ProtoField): string {
  return `${protoName.replace(/(?:^|_+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())}Entry`
}

function enumDescriptor({ name, values }: ProtoEnum): object {
  return { name: lastOf(name), value: values.map(({ constant, number }) => ({ name: constant, number })) }
}

function methodDescriptor(method: ProtoMethod): object {
  const { name, request, response, requestStream, responseStream, idempotency, deprecated } = method
  const idempotencyLevel = { unknown: 0, 'no-side-effects': 1, idempotent: 2 }[idempotency]
  return {
    name,
    inputType: `.${request}`,
    outputType: `.${response}`,
    clientStreaming: requestStream,
    serverStreaming: responseStream,
    ...(deprecated || idempotencyLevel > 0 ? { options: { deprecated, idempotencyLevel } } : {}),
  }
}

function parentOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'))
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
