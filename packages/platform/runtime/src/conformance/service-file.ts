import type { ProtoFile, ProtoMethod } from '../protobuf/file.ts'
import { any } from '../protobuf/google-files.ts'
import { enumType, messageType, protoField } from '../protobuf/proto-field.ts'

const name = (message: string): string => `connectrpc.conformance.v1.${message}`
const of = (message: string) => messageType(name(message))

const codes = [
  'CODE_UNSPECIFIED',
  'CODE_CANCELED',
  'CODE_UNKNOWN',
  'CODE_INVALID_ARGUMENT',
  'CODE_DEADLINE_EXCEEDED',
  'CODE_NOT_FOUND',
  'CODE_ALREADY_EXISTS',
  'CODE_PERMISSION_DENIED',
  'CODE_RESOURCE_EXHAUSTED',
  'CODE_FAILED_PRECONDITION',
  'CODE_ABORTED',
  'CODE_OUT_OF_RANGE',
  'CODE_UNIMPLEMENTED',
  'CODE_INTERNAL',
  'CODE_UNAVAILABLE',
  'CODE_DATA_LOSS',
  'CODE_UNAUTHENTICATED',
]

const definition = 'response_definition'
const unaryRequest = [
  protoField(definition, 1, of('UnaryResponseDefinition'), 'optional'),
  protoField('request_data', 2, 'bytes'),
]
const streamRequest = [
  protoField(definition, 1, of('StreamResponseDefinition'), 'optional'),
  protoField('request_data', 2, 'bytes'),
]
const response = [protoField('payload', 1, of('ConformancePayload'), 'optional')]

function method(
  method: string,
  requestStream: boolean,
  responseStream: boolean,
  idempotency: ProtoMethod['idempotency'] = 'unknown',
): ProtoMethod {
  return {
    name: method,
    request: name(`${method}Request`),
    requestStream,
    response: name(`${method}Response`),
    responseStream,
    idempotency,
    deprecated: false,
  }
}

/** The service that the public conformance suite calls, and what it says to a server on its standard input. */
export const conformanceFile: ProtoFile = {
  name: 'connectrpc/conformance/v1/service.proto',
  package: 'connectrpc.conformance.v1',
  imports: ['google/protobuf/any.proto'],
  enums: [
    {
      name: name('Code'),
      values: codes.map((constant, number) => ({ value: constant, constant, number })),
    },
  ],
  messages: [
    {
      name: name('ServerCompatRequest'),
      fields: [
        protoField('protocol', 1, 'int32'),
        protoField('http_version', 2, 'int32'),
        protoField('use_tls', 4, 'bool'),
        protoField('client_tls_cert', 5, 'bytes'),
        protoField('message_receive_limit', 6, 'uint32'),
        protoField('server_creds', 7, of('TLSCreds'), 'optional'),
      ],
    },
    { name: name('TLSCreds'), fields: [protoField('cert', 1, 'bytes'), protoField('key', 2, 'bytes')] },
    {
      name: name('ServerCompatResponse'),
      fields: [
        protoField('host', 1, 'string'),
        protoField('port', 2, 'uint32'),
        protoField('pem_cert', 3, 'bytes'),
      ],
    },
    {
      name: name('UnaryResponseDefinition'),
      fields: [
        protoField('response_headers', 1, of('Header'), 'repeated'),
        protoField('response_data', 2, 'bytes', 'optional', 'response'),
        protoField('error', 3, of('Error'), 'optional', 'response'),
        protoField('response_trailers', 4, of('Header'), 'repeated'),
        protoField('response_delay_ms', 6, 'uint32'),
      ],
    },
    {
      name: name('StreamResponseDefinition'),
      fields: [
        protoField('response_headers', 1, of('Header'), 'repeated'),
        protoField('response_data', 2, 'bytes', 'repeated'),
        protoField('response_delay_ms', 3, 'uint32'),
        protoField('error', 4, of('Error'), 'optional'),
        protoField('response_trailers', 5, of('Header'), 'repeated'),
      ],
    },
    { name: name('UnaryRequest'), fields: unaryRequest },
    { name: name('UnaryResponse'), fields: response },
    { name: name('IdempotentUnaryRequest'), fields: unaryRequest },
    { name: name('IdempotentUnaryResponse'), fields: response },
    { name: name('ServerStreamRequest'), fields: streamRequest },
    { name: name('ServerStreamResponse'), fields: response },
    { name: name('ClientStreamRequest'), fields: unaryRequest },
    { name: name('ClientStreamResponse'), fields: response },
    {
      name: name('BidiStreamRequest'),
      fields: [
        protoField(definition, 1, of('StreamResponseDefinition'), 'optional'),
        protoField('full_duplex', 2, 'bool'),
        protoField('request_data', 3, 'bytes'),
      ],
    },
    { name: name('BidiStreamResponse'), fields: response },
    { name: name('UnimplementedRequest'), fields: [] },
    { name: name('UnimplementedResponse'), fields: [] },
    {
      name: name('ConformancePayload'),
      fields: [
        protoField('data', 1, 'bytes'),
        protoField('request_info', 2, of('ConformancePayload.RequestInfo'), 'optional'),
      ],
    },
    {
      name: name('ConformancePayload.RequestInfo'),
      fields: [
        protoField('request_headers', 1, of('Header'), 'repeated'),
        protoField('timeout_ms', 2, 'int64', 'optional'),
        protoField('requests', 3, messageType(any), 'repeated'),
        protoField('connect_get_info', 4, of('ConformancePayload.ConnectGetInfo'), 'optional'),
      ],
    },
    {
      name: name('ConformancePayload.ConnectGetInfo'),
      fields: [protoField('query_params', 1, of('Header'), 'repeated')],
    },
    {
      name: name('Error'),
      fields: [
        protoField('code', 1, enumType(name('Code'))),
        protoField('message', 2, 'string', 'optional'),
        protoField('details', 3, messageType(any), 'repeated'),
      ],
    },
    {
      name: name('Header'),
      fields: [protoField('name', 1, 'string'), protoField('value', 2, 'string', 'repeated')],
    },
  ],
  services: [
    {
      name: 'ConformanceService',
      methods: [
        method('Unary', false, false),
        method('ServerStream', false, true),
        method('ClientStream', true, false),
        method('BidiStream', true, true),
        method('Unimplemented', false, false),
        method('IdempotentUnary', false, false, 'no-side-effects'),
      ],
    },
  ],
}
