import { type Fields, isEmpty, isFields, type Value } from './values.ts'

/** Lists whose elements Kubernetes tells apart by a field; elements that another hand added to them are no business of ours. */
const keyedLists: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  listeners: 'name',
  imagePullSecrets: 'name',
}

/** What of a live object the inputs speak about: the rest is defaults of the server and fields of others. */
export function prune(live: Fields, inputs: Fields): Fields {
  return pruneValue(live, inputs, '') as Fields
}

function pruneValue(live: Value, inputs: Value, key: string): Value {
  if (isFields(live) && isFields(inputs)) {
    const kept: Fields = {}
    for (const [name, input] of Object.entries(inputs)) {
      const value = live[name]
      if (value !== undefined) kept[name] = pruneValue(value, input, name)
      // The server leaves out what is empty. That is how it keeps it, not a difference.
      else if (isEmpty(input)) kept[name] = input
    }
    return kept
  }
  if (Array.isArray(live) && Array.isArray(inputs)) return pruneList(live, inputs, key)
  return live
}

function pruneList(live: Value[], inputs: Value[], key: string): Value[] {
  const by = keyedLists[key]
  const keyOf = (item: Value) => (by !== undefined && isFields(item) ? item[by] : undefined)
  if (by !== undefined && inputs.every((item) => keyOf(item) !== undefined)) {
    return inputs.flatMap((input) => {
      const match = live.find((item) => keyOf(item) === keyOf(input))
      return match === undefined ? [] : [pruneValue(match, input, key)]
    })
  }
  // Elements beyond those of the inputs stay: in a list of this kind they are a difference.
  return live.map((item, index) => {
    const input = inputs[index]
    return input === undefined ? item : pruneValue(item, input, key)
  })
}
