import type { ProtoFile } from '../protobuf/file.ts'
import { enumType, protoField } from '../protobuf/proto-field.ts'

const statusType = 'grpc.health.v1.HealthCheckResponse.ServingStatus'

/** `grpc/health/v1/health.proto` */
export const healthFile: ProtoFile = {
  name: 'grpc/health/v1/health.proto',
  package: 'grpc.health.v1',
  imports: [],
  messages: [
    { name: 'grpc.health.v1.HealthCheckRequest', fields: [protoField('service', 1, 'string')] },
    { name: 'grpc.health.v1.HealthCheckResponse', fields: [protoField('status', 1, enumType(statusType))] },
  ],
  enums: [
    {
      name: statusType,
      values: ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'].map((constant, number) => ({
        value: constant,
        constant,
        number,
      })),
    },
  ],
  services: [
    {
      name: 'Health',
      methods: [
        {
          name: 'Check',
          request: 'grpc.health.v1.HealthCheckRequest',
          requestStream: false,
          response: 'grpc.health.v1.HealthCheckResponse',
          responseStream: false,
          idempotency: 'unknown',
          deprecated: false,
        },
        {
          name: 'Watch',
          request: 'grpc.health.v1.HealthCheckRequest',
          requestStream: false,
          response: 'grpc.health.v1.HealthCheckResponse',
          responseStream: true,
          idempotency: 'unknown',
          deprecated: false,
        },
      ],
    },
  ],
}
