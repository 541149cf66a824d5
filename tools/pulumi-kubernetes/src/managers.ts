import { type Fields, isFields, type Value } from './values.ts'

interface FormerManager {
  readonly manager: string
  readonly operation: string
}

/** Who made fields by other means than server-side apply: their fields become those of the one manager that applies. */
const formerManagers: readonly FormerManager[] = [
  { manager: 'kubectl', operation: 'Apply' },
  { manager: 'kubectl', operation: 'Update' },
  { manager: 'before-first-apply', operation: 'Update' },
  { manager: 'pulumi-kubernetes', operation: 'Update' },
  { manager: 'pulumi-resource-kubernetes', operation: 'Update' },
]

/**
 * Moves what former managers own to `manager`, so that fields which inputs no longer have are removed by the next apply, and not
 * kept for an owner who never comes back. Managers of a subresource, such as an autoscaler's, are not touched.
 *
 * @param before the name under which the object was applied until now, when it is another one
 * @returns the new list, or undefined when nothing moves
 */
export function adoptFields(
  managed: readonly Fields[],
  manager: string,
  before?: string,
): Fields[] | undefined {
  const isFormer = (entry: Fields) =>
    entry.subresource === undefined &&
    ((entry.manager === before && entry.operation === 'Apply') ||
      formerManagers.some(
        (former) =>
          // By prefix: kubectl-edit, kubectl-rollout and the others of that family.
          String(entry.manager).startsWith(former.manager) && entry.operation === former.operation,
      )) &&
    !(entry.manager === manager && entry.operation === 'Apply')
  const moved = managed.filter(isFormer)
  if (moved.length === 0) return undefined
  const rest = managed.filter((entry) => !isFormer(entry))
  const own = rest.find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource,
  )
  const fieldsV1 = [own, ...moved].reduce<Value>((all, entry) => union(all, entry?.fieldsV1 ?? {}), {})
  const adopted = { ...(own ?? moved[0]!), manager, operation: 'Apply', fieldsV1 }
  return [...rest.filter((entry) => entry !== own), adopted]
}

/** Whether some manager other than `manager` owns a field, and `manager` does not. */
export function ownedByOthersOnly(
  managed: readonly Fields[],
  manager: string,
  keys: readonly (string | number)[],
): boolean {
  const owns = (entry: Fields) => hasField(entry.fieldsV1, keys)
  return (
    managed.some((entry) => entry.manager !== manager && owns(entry)) &&
    !managed.some((entry) => entry.manager === manager && owns(entry))
  )
}

/** Whether a FieldsV1 has a field, or something below it. Elements of lists are not looked into: a list is as a whole. */
function hasField(fields: Value | undefined, keys: readonly (string | number)[]): boolean {
  let at = fields
  for (const key of keys) {
    if (typeof key === 'number' || key === '*') return at !== undefined
    if (!isFields(at)) return false
    at = at[`f:${key}`]
  }
  return at !== undefined
}

function union(a: Value, b: Value): Value {
  if (!isFields(a) || !isFields(b)) return b
  const all: Fields = { ...a }
  for (const [key, value] of Object.entries(b)) all[key] = key in all ? union(all[key]!, value) : value
  return all
}
