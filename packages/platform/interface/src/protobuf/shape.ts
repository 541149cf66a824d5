import type { Code } from '@atlas/contract'

/** The scalar types of protobuf that contracts produce. */
export type Scalar = 'string' | 'bool' | 'double' | 'float' | 'int32' | 'uint32' | 'int64'

/** The type of a field. `bytes` is `google.api.HttpBody`. */
export type FieldType =
  | { readonly kind: 'scalar'; readonly name: Scalar }
  | { readonly kind: 'message' | 'enum'; readonly name: string }
  | { readonly kind: 'bytes' }

/** How often a field is there. `optional` has presence; a message always has. */
export type FieldLabel = 'single' | 'optional' | 'repeated' | 'map'

/** A field of a message, without its number. */
export interface FieldShape {
  /** As in the contract; for the variants of a union the value of its discriminator. */
  readonly name: string
  readonly type: FieldType
  readonly label: FieldLabel
  /** An absent field is null. */
  readonly nullable?: boolean | undefined
  readonly description?: string | undefined
  readonly deprecated?: boolean | undefined
}

/** A message, without numbers. */
export interface MessageShape {
  readonly name: string
  readonly description?: string | undefined
  /** In the order of the contract. */
  readonly fields: readonly FieldShape[]
  /** The discriminator, where the message is a union: its fields are then the variants of one `oneof`. */
  readonly oneOf?: string | undefined
}

/** An enum, without numbers. */
export interface EnumShape {
  readonly name: string
  readonly description?: string | undefined
  /** As in the contract, in its order. */
  readonly values: readonly string[]
}

/** A method of the service: one endpoint. */
export interface MethodShape {
  /** `Greet` */
  readonly name: string
  /** `greet` */
  readonly endpoint: string
  /** The name of a message. */
  readonly request: string
  /** The endpoint takes bytes: the first message has the fields, and each has a piece of the `body`. */
  readonly requestStream: boolean
  readonly response: FieldType
  readonly responseStream: boolean
  readonly errors: readonly { readonly kind: string; readonly code: Code; readonly message: string }[]
}

/** What the endpoints that are served over gRPC look like in protobuf, without numbers. */
export interface ProtobufShape {
  /** `file_links` for the contract `file-links` */
  readonly package: string
  /** `FileLinks` */
  readonly service: string
  readonly methods: readonly MethodShape[]
  readonly messages: ReadonlyMap<string, MessageShape>
  readonly enums: ReadonlyMap<string, EnumShape>
}
