import type { ProtoFile } from './file.ts'
import { enumType, messageType, protoField } from './proto-field.ts'

const nothing = { imports: [], messages: [], enums: [], services: [] }

/** Bytes with a media type, of a request or a response. */
export const httpBody = 'google.api.HttpBody'
/** Any message, with its type. */
export const any = 'google.protobuf.Any'
/** A JSON object. */
export const struct = 'google.protobuf.Struct'
/** An error with its details. */
export const status = 'google.rpc.Status'
/** The detail of an error that lists what is wrong with an input. */
export const badRequest = 'google.rpc.BadRequest'
/** The detail of an error that says when to come back. */
export const retryInfo = 'google.rpc.RetryInfo'

const anyFile: ProtoFile = {
  ...nothing,
  name: 'google/protobuf/any.proto',
  package: 'google.protobuf',
  messages: [{ name: any, fields: [protoField('type_url', 1, 'string'), protoField('value', 2, 'bytes')] }],
}

const structFile: ProtoFile = {
  ...nothing,
  name: 'google/protobuf/struct.proto',
  package: 'google.protobuf',
  messages: [
    { name: struct, fields: [protoField('fields', 1, messageType('google.protobuf.Value'), 'map')] },
    {
      name: 'google.protobuf.Value',
      fields: [
        protoField('null_value', 1, enumType('google.protobuf.NullValue'), 'optional', 'kind'),
        protoField('number_value', 2, 'double', 'optional', 'kind'),
        protoField('string_value', 3, 'string', 'optional', 'kind'),
        protoField('bool_value', 4, 'bool', 'optional', 'kind'),
        protoField('struct_value', 5, messageType(struct), 'optional', 'kind'),
        protoField('list_value', 6, messageType('google.protobuf.ListValue'), 'optional', 'kind'),
      ],
    },
    {
      name: 'google.protobuf.ListValue',
      fields: [protoField('values', 1, messageType('google.protobuf.Value'), 'repeated')],
    },
  ],
  enums: [
    {
      name: 'google.protobuf.NullValue',
      values: [{ value: 'NULL_VALUE', constant: 'NULL_VALUE', number: 0 }],
    },
  ],
}

export const httpBodyFile: ProtoFile = {
  ...nothing,
  name: 'google/api/httpbody.proto',
  package: 'google.api',
  imports: [anyFile.name],
  messages: [
    {
      name: httpBody,
      fields: [
        protoField('content_type', 1, 'string'),
        protoField('data', 2, 'bytes'),
        protoField('extensions', 3, messageType(any), 'repeated'),
      ],
    },
  ],
}

const statusFile: ProtoFile = {
  ...nothing,
  name: 'google/rpc/status.proto',
  package: 'google.rpc',
  imports: [anyFile.name],
  messages: [
    {
      name: status,
      fields: [
        protoField('code', 1, 'int32'),
        protoField('message', 2, 'string'),
        protoField('details', 3, messageType(any), 'repeated'),
      ],
    },
  ],
}

const durationFile: ProtoFile = {
  ...nothing,
  name: 'google/protobuf/duration.proto',
  package: 'google.protobuf',
  messages: [
    {
      name: 'google.protobuf.Duration',
      fields: [protoField('seconds', 1, 'int64'), protoField('nanos', 2, 'int32')],
    },
  ],
}

const errorDetailsFile: ProtoFile = {
  ...nothing,
  name: 'google/rpc/error_details.proto',
  package: 'google.rpc',
  imports: [durationFile.name],
  messages: [
    {
      name: badRequest,
      fields: [protoField('field_violations', 1, messageType(`${badRequest}.FieldViolation`), 'repeated')],
    },
    {
      name: `${badRequest}.FieldViolation`,
      fields: [protoField('field', 1, 'string'), protoField('description', 2, 'string')],
    },
    { name: retryInfo, fields: [protoField('retry_delay', 1, messageType('google.protobuf.Duration'))] },
  ],
}

/** The files of Google that messages here are made of. */
export const googleFiles: readonly ProtoFile[] = [
  anyFile,
  structFile,
  httpBodyFile,
  statusFile,
  durationFile,
  errorDetailsFile,
]
