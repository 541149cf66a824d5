import { stableText } from '../../document-text.ts'
import { idOfRef, type JsonSchema, refsIn } from '../../json-schema.ts'
import { own } from '../../records.ts'
import type { Schemas } from './alternatives.ts'

/** Tells schemas that say the same in two documents, with all that they reference: nothing is to be compared in them. */
export interface Identical {
  readonly same: (writer: JsonSchema, reader: JsonSchema) => boolean
}

/** See {@link Identical}. */
export function identicalIn(writer: Schemas, reader: Schemas): Identical {
  const refs = new WeakMap<JsonSchema, readonly string[]>()
  const idsIn = (schema: JsonSchema): readonly string[] => {
    const known = refs.get(schema) ?? [...refsIn(schema)].map((ref) => idOfRef(ref) ?? '')
    refs.set(schema, known)
    return known
  }
  const texts = new WeakMap<JsonSchema, string>()
  const textOf = (schema: JsonSchema): string => {
    const known = texts.get(schema) ?? stableText(schema)
    texts.set(schema, known)
    return known
  }
  const differ = new Set<string>()
  const ids = Object.keys(writer)
  const users = new Map<string, string[]>()
  for (const id of ids) {
    const other = own(reader, id)
    if (!other || textOf(writer[id]!) !== textOf(other)) differ.add(id)
    for (const used of idsIn(writer[id]!)) users.set(used, [...(users.get(used) ?? []), id])
  }
  // The set grows while it is walked; what is added is visited too.
  for (const id of differ) for (const user of users.get(id) ?? []) differ.add(user)
  return {
    same: (left, right) =>
      left === right
        ? writer === reader
        : textOf(left) === textOf(right) &&
          idsIn(left).every((id) => Object.hasOwn(writer, id) && !differ.has(id)),
  }
}
