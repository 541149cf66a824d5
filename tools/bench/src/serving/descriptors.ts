import { create, createFileRegistry, type DescService } from '@bufbuild/protobuf'
import {
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import type { Type as Message } from 'protobufjs'
import { OrderMessage, ReceiptMessage } from './protobuf.ts'

const scalars: Readonly<Record<string, Type>> = { string: Type.STRING, int32: Type.INT32 }

const messages = [OrderMessage, ReceiptMessage].flatMap((message) => [
  message,
  message.fields.lines!.resolve().resolvedType as Message,
])

/** The service as protobuf-es describes it, out of the .proto file that all peers of gRPC have. */
export const ordersService = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: 'orders.proto',
        package: 'orders',
        syntax: 'proto3',
        messageType: messages.map(({ name, fieldsArray }) => ({ name, field: fieldsArray.map(fieldOf) })),
        service: [
          {
            name: 'Orders',
            method: [
              {
                name: 'Place',
                inputType: OrderMessage.fullName,
                outputType: ReceiptMessage.fullName,
              },
            ],
          },
        ],
      }),
    ],
  }),
).getService('orders.Orders') as DescService

function fieldOf(field: Message['fieldsArray'][number]): FieldDescriptorProto {
  const scalar = scalars[field.type]
  return create(FieldDescriptorProtoSchema, {
    name: field.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    jsonName: field.name,
    number: field.id,
    label: field.repeated ? Label.REPEATED : Label.OPTIONAL,
    ...(scalar === undefined
      ? { type: Type.MESSAGE, typeName: field.resolve().resolvedType!.fullName }
      : { type: scalar }),
  })
}
