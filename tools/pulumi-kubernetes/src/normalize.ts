import type { Kind } from './kinds.ts'
import { canonicalQuantity } from './quantity.ts'
import { type Fields, fieldsAt, isFields, mapFields, textAt, unknownValue, type Value } from './values.ts'

/** Metadata that the API server writes: never an input. */
const serverMetadata = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]

/** Objects whose values are quantities, by the last keys of their path. */
const quantityMaps = [
  ['resources', 'limits'],
  ['resources', 'requests'],
  ['spec', 'hard'],
  ['limits', 'default'],
  ['limits', 'defaultRequest'],
  ['limits', 'max'],
  ['limits', 'min'],
  ['limits', 'maxLimitRequestRatio'],
]

/** Fields that are quantities, by the last keys of their path. */
const quantityFields = [
  ['target', 'averageValue'],
  ['target', 'value'],
  ['emptyDir', 'sizeLimit'],
  ['resourceFieldRef', 'divisor'],
]

/**
 * Writes inputs as the API server will: what it adds by itself is left out, quantities have their one form, a Secret has `data`
 * only. Otherwise every second `up` would see a difference that is none.
 */
export function normalize(inputs: Fields, kind: Kind): Fields {
  const object = quantities(inputs, []) as Fields
  const metadata = { ...fieldsAt(object, 'metadata') }
  for (const key of serverMetadata) delete metadata[key]
  const normalized: Fields = { ...object, apiVersion: kind.apiVersion, kind: kind.kind, metadata }
  // An object that was read and is applied again says how it was; that is not for whoever applies it to say.
  if (kind.kind === 'CustomResourceDefinition') delete normalized.status
  return kind.apiVersion === 'v1' && kind.kind === 'Secret' ? withoutStringData(normalized) : normalized
}

function withoutStringData(secret: Fields): Fields {
  const { stringData, ...rest } = secret
  if (!isFields(stringData)) return secret
  const encoded = mapFields(stringData, (value) =>
    typeof value === 'string' && value !== unknownValue ? Buffer.from(value).toString('base64') : value,
  )
  return { ...rest, data: { ...fieldsAt(rest, 'data'), ...encoded } }
}

function quantities(value: Value, path: readonly string[]): Value {
  // Elements of a list are where the list is.
  if (Array.isArray(value)) return value.map((item) => quantities(item, path))
  if (isFields(value)) {
    const quantityMap = endsWith(path, quantityMaps)
    return mapFields(value, (item, key) => {
      if ((quantityMap || endsWith([...path, key], quantityFields)) && !isFields(item)) return quantity(item)
      return quantities(item, [...path, key])
    })
  }
  return value
}

function quantity(value: Value): Value {
  if (typeof value === 'number') return canonicalQuantity(String(value))
  return typeof value === 'string' && value !== unknownValue ? canonicalQuantity(value) : value
}

function endsWith(path: readonly string[], endings: readonly (readonly string[])[]): boolean {
  return endings.some(
    (ending) =>
      path.length >= ending.length && ending.every((key, i) => path[path.length - ending.length + i] === key),
  )
}

/** `namespace/name`, or `name` of what is in no namespace: the id of an object. */
export function objectId(object: Fields): string {
  const metadata = fieldsAt(object, 'metadata')
  const namespace = textAt(metadata, 'namespace')
  return `${namespace ? `${namespace}/` : ''}${textAt(metadata, 'name') ?? ''}`
}

/** Reads an {@link objectId} back. */
export function parseId(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf('/')
  return slash === -1 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) }
}
