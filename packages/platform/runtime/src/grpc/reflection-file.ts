import type { ProtoFile } from '../protobuf/file.ts'
import { messageType, protoField } from '../protobuf/proto-field.ts'

/** `grpc/reflection/v1/reflection.proto`, or that of `v1alpha`, which is the same but for its name. */
export function reflectionFile(version: 'v1' | 'v1alpha'): ProtoFile {
  const name = (message: string): string => `grpc.reflection.${version}.${message}`
  const of = (message: string) => messageType(name(message))
  const question = 'message_request'
  const response = 'message_response'
  return {
    name: `grpc/reflection/${version}/reflection.proto`,
    package: `grpc.reflection.${version}`,
    imports: [],
    enums: [],
    messages: [
      {
        name: name('ServerReflectionRequest'),
        fields: [
          protoField('host', 1, 'string'),
          protoField('file_by_filename', 3, 'string', 'optional', question),
          protoField('file_containing_symbol', 4, 'string', 'optional', question),
          protoField('file_containing_extension', 5, of('ExtensionRequest'), 'optional', question),
          protoField('all_extension_numbers_of_type', 6, 'string', 'optional', question),
          protoField('list_services', 7, 'string', 'optional', question),
        ],
      },
      {
        name: name('ExtensionRequest'),
        fields: [protoField('containing_type', 1, 'string'), protoField('extension_number', 2, 'int32')],
      },
      {
        name: name('ServerReflectionResponse'),
        fields: [
          protoField('valid_host', 1, 'string'),
          protoField('original_request', 2, of('ServerReflectionRequest'), 'optional'),
          protoField('file_descriptor_response', 4, of('FileDescriptorResponse'), 'optional', response),
          protoField(
            'all_extension_numbers_response',
            5,
            of('ExtensionNumberResponse'),
            'optional',
            response,
          ),
          protoField('list_services_response', 6, of('ListServiceResponse'), 'optional', response),
          protoField('error_response', 7, of('ErrorResponse'), 'optional', response),
        ],
      },
      {
        name: name('FileDescriptorResponse'),
        fields: [protoField('file_descriptor_proto', 1, 'bytes', 'repeated')],
      },
      {
        name: name('ExtensionNumberResponse'),
        fields: [
          protoField('base_type_name', 1, 'string'),
          protoField('extension_number', 2, 'int32', 'repeated'),
        ],
      },
      {
        name: name('ListServiceResponse'),
        fields: [protoField('service', 1, of('ServiceResponse'), 'repeated')],
      },
      { name: name('ServiceResponse'), fields: [protoField('name', 1, 'string')] },
      {
        name: name('ErrorResponse'),
        fields: [protoField('error_code', 1, 'int32'), protoField('error_message', 2, 'string')],
      },
    ],
    services: [
      {
        name: 'ServerReflection',
        methods: [
          {
            name: 'ServerReflectionInfo',
            request: name('ServerReflectionRequest'),
            requestStream: true,
            response: name('ServerReflectionResponse'),
            responseStream: true,
            idempotency: 'unknown',
            deprecated: false,
          },
        ],
      },
    ],
  }
}
