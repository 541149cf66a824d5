import { type Fields, fieldsAt, textAt } from './values.ts'

/** Marks objects whose name was made up. */
export const autonamedAnnotation = 'pulumi.com/autonamed'

/** What the engine was configured to do about names. */
export interface Autonaming {
  readonly mode: 'propose' | 'enforce' | 'disable'
  readonly proposedName: string
}

/**
 * Gives inputs a name when they have none: that of the old object when it was made up too, else the program's with eight random
 * hexadecimal digits.
 *
 * @throws Error when a name is needed and naming is disabled
 */
export function withName(
  inputs: Fields,
  options: {
    readonly olds: Fields | undefined
    readonly programName: string
    readonly randomSeed: Uint8Array
    readonly autonaming: Autonaming | undefined
  },
): Fields {
  const metadata = fieldsAt(inputs, 'metadata')
  // A name that is not known yet is a name.
  if (metadata.name !== undefined || metadata.generateName !== undefined) return inputs
  if (options.olds !== undefined && isAutonamed(options.olds)) {
    return named(inputs, textAt(fieldsAt(options.olds, 'metadata'), 'name')!)
  }
  if (options.autonaming?.mode === 'disable') {
    throw new Error('autonaming is disabled, resource requires the .metadata.name field to be set')
  }
  if (options.autonaming?.proposedName) return named(inputs, options.autonaming.proposedName)
  const random = Buffer.from(options.randomSeed).subarray(0, 4).toString('hex')
  return named(inputs, `${options.programName}-${random}`)
}

/** Whether an object's name was made up. */
export function isAutonamed(object: Fields): boolean {
  return fieldsAt(fieldsAt(object, 'metadata'), 'annotations')[autonamedAnnotation] === 'true'
}

function named(inputs: Fields, name: string): Fields {
  const metadata = fieldsAt(inputs, 'metadata')
  const annotations = { ...fieldsAt(metadata, 'annotations'), [autonamedAnnotation]: 'true' }
  return { ...inputs, metadata: { ...metadata, name, annotations } }
}
