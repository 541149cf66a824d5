import type { InterfaceDocument } from '../document.ts'
import { InterfaceError } from '../problem.ts'
import { own } from '../records.ts'
import { enumConstants, fieldNames } from './proto-names.ts'
import type { EnumShape, FieldShape, MessageShape, MethodShape } from './shape.ts'
import { protobufShapeOf } from './shape-of.ts'

/** A field with everything that goes on the wire or into a .proto. */
export interface ProtobufField extends FieldShape {
  readonly number: number
  /** `max_upload_mi_b` */
  readonly protoName: string
}

/** A message with numbers, fields by number. */
export interface ProtobufMessage extends MessageShape {
  readonly fields: readonly ProtobufField[]
  readonly reserved: readonly number[]
  /** Names of fields that are gone, as in a .proto. */
  readonly reservedNames: readonly string[]
}

/** An enum with numbers, values by number. 0 stands for no value. */
export interface ProtobufEnum extends Omit<EnumShape, 'values'> {
  /** `KIND_UNSPECIFIED` */
  readonly unspecified: string
  readonly values: readonly {
    readonly value: string
    readonly constant: string
    readonly number: number
  }[]
  readonly reserved: readonly number[]
}

/** The service of a servlet in protobuf: what a .proto or a descriptor is made of. */
export interface Protobuf {
  readonly package: string
  readonly service: string
  readonly methods: readonly MethodShape[]
  readonly messages: ReadonlyMap<string, ProtobufMessage>
  readonly enums: ReadonlyMap<string, ProtobufEnum>
}

/**
 * The protobuf form of a document, with the numbers that it holds.
 *
 * @throws InterfaceError when the document has no number for something, because it was not generated.
 */
export function protobufOf(
  document: InterfaceDocument,
  { shape, problems } = protobufShapeOf(document),
): Protobuf {
  const missing: string[] = []
  const messages = [...shape.messages.values()].map((message): ProtobufMessage => {
    const numbers = own(document.protobuf?.messages, message.name)
    const number = ({ name }: FieldShape): number => {
      const known = own(numbers?.fields, name)
      if (known === undefined) missing.push(`protobuf.messages.${message.name}.fields.${name}`)
      return known ?? 0
    }
    const names = fieldNames(message)
    const fields = message.fields
      .map((field) => ({ ...field, number: number(field), protoName: names(field.name) }))
      .sort((a, b) => a.number - b.number)
    const taken = new Set(fields.map(({ protoName }) => protoName))
    const reservedNames = [...new Set((numbers?.reservedNames ?? []).map(names))]
    return {
      ...message,
      fields,
      reserved: numbers?.reserved ?? [],
      reservedNames: reservedNames.filter((name) => !taken.has(name)),
    }
  })
  const constantsTaken = new Set<string>()
  const enums = [...shape.enums.values()].map((each): ProtobufEnum => {
    const numbers = own(document.protobuf?.enums, each.name)
    const values = each.values.map((value) => {
      const known = own(numbers?.values, value)
      if (known === undefined) missing.push(`protobuf.enums.${each.name}.values.${value}`)
      return { value, number: known ?? 0 }
    })
    values.sort((a, b) => a.number - b.number)
    const { unspecified, constants } = enumConstants(each.name, values, constantsTaken)
    return {
      ...each,
      unspecified,
      values: values.map((value, index) => ({ ...value, constant: constants[index]! })),
      reserved: numbers?.reserved ?? [],
    }
  })
  const all = [
    ...problems,
    ...missing.map((path) => ({
      rule: 'interface/numbers',
      path,
      message: 'has no number',
      remedy: 'generate the document again',
    })),
  ]
  if (all.length > 0)
    throw new InterfaceError(`the interface document of '${document.name}' has no protobuf form`, all)
  return {
    package: shape.package,
    service: shape.service,
    methods: shape.methods,
    messages: new Map(messages.map((message) => [message.name, message])),
    enums: new Map(enums.map((each) => [each.name, each])),
  }
}
