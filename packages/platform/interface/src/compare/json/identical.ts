import { equal } from '../../equal.ts'
import { idOfRef, type JsonSchema, refsIn } from '../../json-schema.ts'
import { own } from '../../records.ts'
import type { Schemas } from './alternatives.ts'

/** Tells schemas that say the same in two documents, with all that they reference: nothing is to be compared in them. */
export interface Identical {
  readonly same: (one: JsonSchema, other: JsonSchema) => boolean
}

/** See {@link Identical}. It does not matter which document is which. */
export function identicalIn(one: Schemas, other: Schemas): Identical {
  const differ = new Set<string>()
  const users = new Map<string, string[]>()
  for (const id of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [left, right] = [own(one, id), own(other, id)]
    if (!left || !right || !equal(left, right)) differ.add(id)
    else
      for (const used of idsIn(left)) {
        const list = users.get(used)
        if (list) list.push(id)
        else users.set(used, [id])
      }
  }
  // The set grows while it is walked; what is added is visited too.
  for (const id of differ) for (const user of users.get(id) ?? []) differ.add(user)
  // A schema is mostly asked about with the one that has its place in the other document, again and again.
  const known = new Map<JsonSchema, { readonly other: JsonSchema; readonly answer: boolean }>()
  const same = (left: JsonSchema, right: JsonSchema): boolean => {
    const last = known.get(left)
    if (last?.other === right) return last.answer
    const answer = equal(left, right) && !idsIn(left).some((id) => differ.has(id))
    known.set(left, { other: right, answer })
    return answer
  }
  return { same }
}

function idsIn(schema: JsonSchema): string[] {
  return [...refsIn(schema)].map((ref) => idOfRef(ref) ?? '')
}
