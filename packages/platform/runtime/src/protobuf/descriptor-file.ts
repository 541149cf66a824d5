import type { ProtoFile } from './file.ts'
import { messageType, protoField } from './proto-field.ts'

const name = (message: string): string => `google.protobuf.${message}`
const of = (message: string) => messageType(name(message))

/** What of `google/protobuf/descriptor.proto` is needed to describe a file. Enums are their numbers. */
export const descriptorFile: ProtoFile = {
  name: 'google/protobuf/descriptor.proto',
  package: 'google.protobuf',
  imports: [],
  enums: [],
  services: [],
  messages: [
    {
      name: name('FileDescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('package', 2, 'string'),
        protoField('dependency', 3, 'string', 'repeated'),
        protoField('message_type', 4, of('DescriptorProto'), 'repeated'),
        protoField('enum_type', 5, of('EnumDescriptorProto'), 'repeated'),
        protoField('service', 6, of('ServiceDescriptorProto'), 'repeated'),
        protoField('syntax', 12, 'string'),
      ],
    },
    {
      name: name('DescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('field', 2, of('FieldDescriptorProto'), 'repeated'),
        protoField('nested_type', 3, of('DescriptorProto'), 'repeated'),
        protoField('enum_type', 4, of('EnumDescriptorProto'), 'repeated'),
        protoField('options', 7, of('MessageOptions'), 'optional'),
        protoField('oneof_decl', 8, of('OneofDescriptorProto'), 'repeated'),
      ],
    },
    { name: name('MessageOptions'), fields: [protoField('map_entry', 7, 'bool')] },
    { name: name('OneofDescriptorProto'), fields: [protoField('name', 1, 'string')] },
    {
      name: name('FieldDescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('number', 3, 'int32'),
        protoField('label', 4, 'int32'),
        protoField('type', 5, 'int32'),
        protoField('type_name', 6, 'string'),
        protoField('options', 8, of('FieldOptions'), 'optional'),
        protoField('oneof_index', 9, 'int32', 'optional'),
        protoField('json_name', 10, 'string'),
        protoField('proto3_optional', 17, 'bool'),
      ],
    },
    { name: name('FieldOptions'), fields: [protoField('deprecated', 3, 'bool')] },
    {
      name: name('EnumDescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('value', 2, of('EnumValueDescriptorProto'), 'repeated'),
      ],
    },
    {
      name: name('EnumValueDescriptorProto'),
      fields: [protoField('name', 1, 'string'), protoField('number', 2, 'int32', 'optional')],
    },
    {
      name: name('ServiceDescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('method', 2, of('MethodDescriptorProto'), 'repeated'),
      ],
    },
    {
      name: name('MethodDescriptorProto'),
      fields: [
        protoField('name', 1, 'string'),
        protoField('input_type', 2, 'string'),
        protoField('output_type', 3, 'string'),
        protoField('options', 4, of('MethodOptions'), 'optional'),
        protoField('client_streaming', 5, 'bool'),
        protoField('server_streaming', 6, 'bool'),
      ],
    },
    {
      name: name('MethodOptions'),
      fields: [protoField('deprecated', 33, 'bool'), protoField('idempotency_level', 34, 'int32')],
    },
  ],
}
