import type { JsonSchema } from '../json-schema.ts'
import type { Scalar } from './shape.ts'

/**
 * The scalar type of a schema; undefined for messages and enums.
 *
 * Integers are int64: the safe integers of JavaScript do not fit less. A string of several given values is an enum, a
 * literal is its type.
 */
export function scalarOf(schema: JsonSchema): Scalar | undefined {
  switch (schema.type) {
    case 'string':
      return schema.enum ? undefined : 'string'
    case 'boolean':
      return 'bool'
    case 'integer':
      return schema.format === 'int32' || schema.format === 'uint32' ? schema.format : 'int64'
    case 'number': {
      const values = schema.enum ?? ('const' in schema ? [schema.const] : undefined)
      if (values) return values.every(Number.isSafeInteger) ? 'int64' : 'double'
      return schema.format === 'float' ? 'float' : 'double'
    }
    default:
      return undefined
  }
}
