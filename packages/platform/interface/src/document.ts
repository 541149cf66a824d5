import { codes, methods, parseRoute } from '@atlas/contract'
import * as z from 'zod'
import { JsonSchemaSchema } from './json-schema.ts'

const Access = z.enum(['public', 'user', 'internal'])

const BytesDocument = z.strictObject({
  types: z.array(z.string()).min(1),
  maxBytes: z.int().min(1),
})

const EndpointDocumentSchema = z.strictObject({
  route: z.string().superRefine((route, context) => {
    const parsed = parseRoute(route)
    if (!parsed.ok)
      context.addIssue({ code: 'custom', message: `${parsed.message} (methods: ${methods.join(', ')})` })
  }),
  access: Access,
  description: z.string().exactOptional(),
  idempotent: z.literal(true).exactOptional(),
  deprecated: z
    .strictObject({ since: z.iso.date(), sunset: z.iso.date(), use: z.string().exactOptional() })
    .exactOptional(),
  grpc: z.literal(false).exactOptional(),
  input: JsonSchemaSchema,
  body: BytesDocument.exactOptional(),
  output: z.union([
    z.strictObject({ schema: JsonSchemaSchema }),
    z.strictObject({ stream: JsonSchemaSchema }),
    z.strictObject({ bytes: BytesDocument }),
  ]),
  errors: z
    .record(
      z.string(),
      z.strictObject({
        code: z.enum(Object.keys(codes) as [keyof typeof codes, ...(keyof typeof codes)[]]),
        data: JsonSchemaSchema,
      }),
    )
    .exactOptional(),
})

const FieldNumber = z
  .int()
  .min(1)
  .max(2 ** 29 - 1)

const MessageNumbersSchema = z.strictObject({
  /** Field name as in the contract -> field number. */
  fields: z.record(z.string(), FieldNumber),
  /** Numbers that once meant something else. */
  reserved: z.array(FieldNumber).exactOptional(),
  /** Names of fields that are gone. */
  reservedNames: z.array(z.string()).exactOptional(),
})

const EnumNumbersSchema = z.strictObject({
  /** Value as in the contract -> number. 0 is never used: it means that nothing was said. */
  values: z.record(z.string(), z.int().min(1)),
  reserved: z.array(z.int().min(1)).exactOptional(),
  reservedNames: z.array(z.string()).exactOptional(),
})

/** The shape of an interface document. {@link parseInterfaceDocument} checks what a shape cannot say, too. */
export const InterfaceDocumentSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  endpoints: z.record(z.string(), EndpointDocumentSchema),
  mounts: z
    .record(z.string(), z.strictObject({ access: Access, openapi: z.string().exactOptional() }))
    .exactOptional(),
  calls: z.record(z.string(), z.array(z.string())).exactOptional(),
  schemas: z.record(z.string(), JsonSchemaSchema).exactOptional(),
  protobuf: z
    .strictObject({
      messages: z.record(z.string(), MessageNumbersSchema),
      enums: z.record(z.string(), EnumNumbersSchema).exactOptional(),
    })
    .exactOptional(),
})

/**
 * The interface of a servlet as plain data, committed as `interface.json`: what releasing, provisioning and comparing
 * read, so that none of them runs product code.
 */
export type InterfaceDocument = z.infer<typeof InterfaceDocumentSchema>

/** One endpoint of an interface document. */
export type EndpointDocument = z.infer<typeof EndpointDocumentSchema>

/** One mounted app of an interface document. */
export type MountDocument = NonNullable<InterfaceDocument['mounts']>[string]

/** The protobuf numbers of an interface document. */
export type ProtobufNumbers = NonNullable<InterfaceDocument['protobuf']>

/** The numbers of the fields of one protobuf message. */
export type MessageNumbers = z.infer<typeof MessageNumbersSchema>

/** The numbers of the values of one protobuf enum. */
export type EnumNumbers = z.infer<typeof EnumNumbersSchema>
