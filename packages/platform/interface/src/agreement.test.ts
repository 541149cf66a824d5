import { contract, endpoint } from '@atlas/contract'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { objectSpec, type SpecOptions, zodObject } from './fixtures/schema-spec.ts'
import { fieldsOf } from './fixtures/schema-values.ts'
import { interfaceOf } from './interface-of.ts'

const options: SpecOptions = {
  protobuf: false,
  depth: 3,
  names: ['a', 'b', 'maxSize', 'c_d'],
  ids: ['One', 'Two'],
}

function validatorOf(input: z.ZodObject) {
  const document = interfaceOf(
    contract('any', { call: endpoint({ route: 'POST /call', input, grpc: false }) }),
  )
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addFormat('uint32', true)
  return ajv.compile({ ...document.endpoints.call!.input, schemas: document.schemas ?? {} })
}

describe('the JSON Schema of an input', () => {
  it('accepts what the contract accepts and refuses what it refuses', () => {
    const seen = { accepted: 0, refused: 0 }
    const cases = objectSpec(options).chain((fields) =>
      fc.tuple(
        fc.constant(fields),
        fc.array(fc.oneof(fieldsOf(fields, true), fieldsOf(fields)), { minLength: 8, maxLength: 8 }),
      ),
    )
    fc.assert(
      fc.property(cases, ([fields, values]) => {
        const schema = zodObject(fields)
        const validate = validatorOf(schema)
        for (const value of values) {
          const sent: unknown = JSON.parse(JSON.stringify(value))
          const accepted = schema.safeParse(sent).success
          seen[accepted ? 'accepted' : 'refused']++
          if (validate(sent) !== accepted)
            expect.fail(
              `zod ${accepted ? 'accepts' : 'refuses'} ${JSON.stringify(sent)}, JSON Schema does not agree`,
            )
        }
      }),
      { numRuns: 150 },
    )
    // Guards the test itself: a generator that only makes one kind would prove nothing.
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100)
  }, 120_000)
})
