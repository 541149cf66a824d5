import type { ProtoField, ProtoType, ScalarName } from './file.ts'

/** A field of a message that is written down here: named in the way of .proto, of a scalar type or as `type` says. */
export function protoField(
  protoName: string,
  number: number,
  type: ScalarName | ProtoType,
  label: ProtoField['label'] = 'single',
  oneOf?: string,
): ProtoField {
  const name = protoName.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return {
    name,
    jsonName: name,
    protoName,
    number,
    type: typeof type === 'string' ? { kind: 'scalar', name: type } : type,
    label,
    absentIsNull: false,
    ...(oneOf === undefined ? {} : { oneOf }),
  }
}

/** The type of a field that holds a message. */
export function messageType(name: string): ProtoType {
  return { kind: 'message', name }
}

/** The type of a field that holds a value of an enum. */
export function enumType(name: string): ProtoType {
  return { kind: 'enum', name }
}
