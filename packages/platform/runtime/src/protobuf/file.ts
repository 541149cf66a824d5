/** The scalar types of protobuf that messages here have. */
export type ScalarName = 'string' | 'bool' | 'double' | 'float' | 'int32' | 'uint32' | 'int64' | 'bytes'

/** The type of a field; messages and enums by their full name, `greeter.GreetRequest`. */
export type ProtoType =
  | {
      readonly kind: 'scalar'
      readonly name: ScalarName
    }
  | { readonly kind: 'message' | 'enum'; readonly name: string }

/** A field, on the wire and in JavaScript. */
export interface ProtoField {
  /** As JavaScript and JSON have it. */
  readonly name: string
  readonly protoName: string
  /** In protobuf's own JSON. */
  readonly jsonName: string
  readonly number: number
  /** `optional` has presence; a message always has. Keys of a map are strings. */
  readonly label: 'single' | 'optional' | 'repeated' | 'map'
  readonly type: ProtoType
  /** What an absent optional field is: null, or not there at all. */
  readonly absentIsNull: boolean
  /** The `oneof` that it is part of. */
  readonly oneOf?: string
  readonly deprecated?: boolean
}

/** A message. */
export interface ProtoMessage {
  /** `greeter.GreetRequest` */
  readonly name: string
  readonly fields: readonly ProtoField[]
  /**
   * Where the message is a union: the field of the JavaScript value that says which variant it is. The fields are then the
   * variants, all messages of one `oneof`, each called as the discriminator's value.
   */
  readonly discriminator?: string
}

/** An enum. */
export interface ProtoEnum {
  readonly name: string
  /** In order. A value without a JavaScript value is none: it says nothing, as 0 does in most enums. */
  readonly values: readonly {
    readonly value: string | undefined
    readonly constant: string
    readonly number: number
  }[]
}

/** A method of a service. */
export interface ProtoMethod {
  readonly name: string
  readonly request: string
  readonly requestStream: boolean
  readonly response: string
  readonly responseStream: boolean
  readonly idempotency: 'unknown' | 'no-side-effects' | 'idempotent'
  readonly deprecated: boolean
}

/** A .proto file. */
export interface ProtoFile {
  /** `greeter.proto` */
  readonly name: string
  readonly package: string
  readonly imports: readonly string[]
  readonly messages: readonly ProtoMessage[]
  readonly enums: readonly ProtoEnum[]
  readonly services: readonly { readonly name: string; readonly methods: readonly ProtoMethod[] }[]
}
