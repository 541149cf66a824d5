import { stableText } from '../../document-text.ts'
import { idOfRef, type JsonSchema, refsIn } from '../../json-schema.ts'
import { own } from '../../records.ts'
import type { Schemas } from './alternatives.ts'

/** Tells schemas that say the same in two documents, with all that they reference: nothing is to be compared in them. */
export interface Identical {
  readonly same: (one: JsonSchema, other: JsonSchema) => boolean
}

/** See {@link Identical}. It does not matter which document is which. */
export function identicalIn(one: Schemas, other: Schemas): Identical {
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
  const users = new Map<string, string[]>()
  for (const id of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [left, right] = [own(one, id), own(other, id)]
    if (!left || !right || textOf(left) !== textOf(right)) differ.add(id)
    else
      for (const used of idsIn(left)) {
        const list = users.get(used)
        if (list) list.push(id)
        else users.set(used, [id])
      }
  }
  // The set grows while it is walked; what is added is visited too.
  for (const id of differ) for (const user of users.get(id) ?? []) differ.add(user)
  return {
    same: (left, right) => textOf(left) === textOf(right) && !idsIn(left).some((id) => differ.has(id)),
  }
}
