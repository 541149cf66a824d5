import { snakeCase } from '@atlas/contract'
import type { MessageShape } from './shape.ts'

/** How the fields of a message, known or gone, are called in a .proto. */
export function fieldNames(message: MessageShape): (name: string) => string {
  if (message.oneOf === undefined) return snakeCase
  // Values of a discriminator may be any text.
  const { oneOf } = message
  const taken = new Map<string, string>()
  const identifier = (value: string): string => {
    const words = snakeCase(value.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')).replace(
      /_{2,}/g,
      '_',
    )
    return /^[a-z]/.test(words) ? words : `${snakeCase(oneOf)}_${words}`
  }
  return (value) => {
    let name = identifier(value)
    while (taken.has(name) && taken.get(name) !== value) name = `${name}_`
    taken.set(name, value)
    return name
  }
}

/** The name of a `oneof`: its discriminator, unless a variant has that name. */
export function oneOfName(discriminator: string, fields: readonly string[]): string {
  let name = snakeCase(discriminator.replace(/[^A-Za-z0-9_]+/g, '_'))
  while (fields.includes(name)) name = `one_of_${name}`
  return name
}

/** The default JSON name of a field in protobuf, which needs no saying. */
export function defaultJsonName(protoName: string): string {
  return protoName.replace(/_+([^_])?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '')
}

/**
 * The constants of an enum. They share one scope with those of every other enum, hence the prefix; values that give no
 * name, or one that is taken, are called by their number, which is theirs for good.
 */
export function enumConstants(
  name: string,
  values: readonly { readonly value: string; readonly number: number }[],
  taken: Set<string>,
): { unspecified: string; constants: string[] } {
  const prefix = constantCase(name)
  const unspecified = `${prefix}_UNSPECIFIED`
  taken.add(unspecified)
  const constants = values.map(({ value, number }) => {
    const words = constantCase(value)
    const constant = `${prefix}_${words}`
    const free = words !== '' && !taken.has(constant) ? constant : `${prefix}_VALUE_${number}`
    taken.add(free)
    return free
  })
  return { unspecified, constants }
}

/** `inProgress`, `in-progress` -> `IN_PROGRESS` */
function constantCase(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toUpperCase()
}
