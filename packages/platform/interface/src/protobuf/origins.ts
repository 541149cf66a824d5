import { byCodeUnits, own } from '../records.ts'
import type { NumbersBefore } from './assign-numbers.ts'
import type { ProtobufShape } from './shape.ts'

/** Which message (or enum) of before each one of now goes on from; none for those that are new. */
export interface Origins {
  readonly messages: ReadonlyMap<string, string>
  readonly enums: ReadonlyMap<string, string>
}

/**
 * A name that had numbers before goes on from itself. A new name goes on from the type that the same field of the same
 * message had before: there the type has only been given another name.
 */
export function originsOf(shape: ProtobufShape, before: NumbersBefore | undefined): Origins {
  const messages = new Map<string, string>()
  const enums = new Map<string, string>()
  if (!before) return { messages, enums }
  for (const name of shape.enums.keys()) if (own(before.numbers.enums, name)) enums.set(name, name)
  for (const name of [...shape.messages.keys()].sort(byCodeUnits))
    if (own(before.numbers.messages, name)) messages.set(name, name)
  // The map grows while it is walked; entries that are added are visited too.
  for (const [name, origin] of messages) {
    const numbers = own(before.numbers.messages, origin)
    const was = new Map(before.shape.messages.get(origin)?.fields.map((field) => [field.name, field.type]))
    const fields = [...(shape.messages.get(name)?.fields ?? [])].sort((a, b) => byCodeUnits(a.name, b.name))
    for (const { name: field, type } of fields) {
      const old = was.get(field)
      if (own(numbers?.fields, field) === undefined) continue
      if (type.kind === 'message' && old?.kind === 'message' && !messages.has(type.name))
        if (own(before.numbers.messages, old.name)) messages.set(type.name, old.name)
      if (type.kind === 'enum' && old?.kind === 'enum' && !enums.has(type.name))
        if (own(before.numbers.enums, old.name)) enums.set(type.name, old.name)
    }
  }
  return { messages, enums }
}
