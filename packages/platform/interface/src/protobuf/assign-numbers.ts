import type { EnumNumbers, MessageNumbers, ProtobufNumbers } from '../document.ts'
import { byCodeUnits, own, sortedEntries } from '../records.ts'
import { type Origins, originsOf } from './origins.ts'
import type { FieldShape, MessageShape, ProtobufShape } from './shape.ts'

/** What the numbers meant before. */
export interface NumbersBefore {
  readonly shape: ProtobufShape
  readonly numbers: ProtobufNumbers
}

/**
 * Gives every field and enum value its number. A number never changes its meaning: what is known keeps its number, what
 * is gone leaves it reserved, what is new or has another type on the wire gets the next one that was never used.
 *
 * Messages that are gone stay as reserved numbers, should they come back. A message that only got another name (an id was
 * given to its schema, say) goes on with the numbers of the old one. Undefined where there is nothing to number.
 */
export function assignNumbers(shape: ProtobufShape, before?: NumbersBefore): ProtobufNumbers | undefined {
  const origins = originsOf(shape, before)
  const messages: Record<string, MessageNumbers> = {}
  for (const message of shape.messages.values()) {
    const { used, ...gone } = renumber(
      message.fields.map(({ name }) => name),
      beforeOf(message, origins, before),
      nextField,
    )
    messages[message.name] = { fields: used, ...gone }
  }
  for (const [name, { fields, ...gone }] of sortedEntries(before?.numbers.messages)) {
    const grave = renumber([], { used: fields, ...gone, keeps: () => false }, nextField)
    if (!Object.hasOwn(messages, name) && grave.reserved) {
      const { used, ...rest } = grave
      messages[name] = { fields: used, ...rest }
    }
  }
  const enums: Record<string, EnumNumbers> = {}
  for (const { name, values } of shape.enums.values()) {
    const { values: used = {}, ...gone } = own(before?.numbers.enums, origins.enums.get(name) ?? name) ?? {}
    const { used: numbers, ...rest } = renumber(values, { used, ...gone, keeps: () => true }, nextValue)
    enums[name] = { values: numbers, ...rest }
  }
  for (const [name, { values, ...gone }] of sortedEntries(before?.numbers.enums)) {
    const { used, ...rest } = renumber([], { used: values, ...gone, keeps: () => false }, nextValue)
    if (!Object.hasOwn(enums, name) && rest.reserved) enums[name] = { values: used, ...rest }
  }
  if (Object.keys(messages).length === 0 && Object.keys(enums).length === 0) return undefined
  return { messages, ...(Object.keys(enums).length > 0 ? { enums } : {}) }
}

/** Whether every field and enum value has a number already. */
export function hasNumbers({ messages, enums }: ProtobufShape, numbers: ProtobufNumbers): boolean {
  const have = (names: readonly string[], known: Readonly<Record<string, number>> | undefined): boolean =>
    names.every((name) => own(known, name) !== undefined)
  return (
    [...messages.values()].every(({ name, fields }) =>
      have(
        fields.map((field) => field.name),
        own(numbers.messages, name)?.fields,
      ),
    ) && [...enums.values()].every(({ name, values }) => have(values, own(numbers.enums, name)?.values))
  )
}

/** The numbers of one message or enum. */
interface Numbered {
  used: Record<string, number>
  reserved?: number[]
  reservedNames?: string[]
}

interface Before extends Numbered {
  /** Whether a name that has a number still means the same. */
  keeps: (name: string) => boolean
}

function beforeOf(message: MessageShape, origins: Origins, before: NumbersBefore | undefined): Before {
  const origin = origins.messages.get(message.name) ?? message.name
  const { fields: used = {}, ...gone } = own(before?.numbers.messages, origin) ?? {}
  const old = new Map(before?.shape.messages.get(origin)?.fields.map((field) => [field.name, field]))
  const now = new Map(message.fields.map((field) => [field.name, field]))
  const keeps = (name: string): boolean => {
    const [was, is] = [old.get(name), now.get(name)]
    return was !== undefined && is !== undefined && sameOnTheWire(was, is, origins)
  }
  return { used, ...gone, keeps }
}

function renumber(names: readonly string[], before: Before, next: (last: number) => number): Numbered {
  const reserved = new Set(before.reserved)
  const reservedNames = new Set(before.reservedNames)
  const used: Record<string, number> = {}
  for (const [name, number] of Object.entries(before.used))
    if (names.includes(name) && before.keeps(name)) used[name] = number
    else {
      reserved.add(number)
      reservedNames.add(name)
    }
  let last = Math.max(0, ...Object.values(used), ...reserved)
  for (const name of names) {
    reservedNames.delete(name)
    if (Object.hasOwn(used, name)) continue
    last = next(last)
    used[name] = last
  }
  return {
    used,
    ...(reserved.size > 0 ? { reserved: [...reserved].sort((a, b) => a - b) } : {}),
    ...(reservedNames.size > 0 ? { reservedNames: [...reservedNames].sort(byCodeUnits) } : {}),
  }
}

/** protobuf keeps 19000 to 19999 for itself. */
function nextField(last: number): number {
  return last + 1 >= 19_000 && last + 1 <= 19_999 ? 20_000 : last + 1
}

function nextValue(last: number): number {
  return last + 1
}

/**
 * Whether bytes written for one field are read right for the other. Stricter than the language guide: one value and a
 * list are told apart, and integers may grow to 64 bits but not shrink, because readers would cut them off silently.
 */
function sameOnTheWire(was: FieldShape, is: FieldShape, origins: Origins): boolean {
  const many = ({ label }: FieldShape): string =>
    label === 'repeated' || label === 'map' ? label : 'at most one'
  if (many(was) !== many(is)) return false
  if (was.type.kind === 'scalar' && is.type.kind === 'scalar')
    return (
      was.type.name === is.type.name ||
      (is.type.name === 'int64' && (was.type.name === 'int32' || was.type.name === 'uint32'))
    )
  if (was.type.kind === 'message' && is.type.kind === 'message')
    return origins.messages.get(is.type.name) === was.type.name
  if (was.type.kind === 'enum' && is.type.kind === 'enum')
    return origins.enums.get(is.type.name) === was.type.name
  return was.type.kind === 'bytes' && is.type.kind === 'bytes'
}
