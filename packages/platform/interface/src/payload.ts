import { type Contract, isBytes, isStream } from '@atlas/contract'
import type * as z from 'zod'
import { payloadNames } from './names.ts'
import { byCodeUnits, sortedEntries } from './records.ts'

/** A schema that travels: the input of an endpoint, its output (or one item of a stream), the data of an error. */
export interface Payload {
  /** `greet.input`, `greet.output`, `greet.errors.nobody`. */
  readonly key: string
  /** `GreetRequest`, `GreetResponse`, `GreetNobodyError`. */
  readonly name: string
  /** Which side of the schema is meant: what callers may send, or what they get. */
  readonly io: 'input' | 'output'
  readonly schema: z.core.$ZodType
}

/** The payloads of a contract, by endpoint name: the order of a contract must not matter. */
export function payloadsOf(contract: Contract): Payload[] {
  return sortedEntries(contract.endpoints).flatMap(([name, { input, output, errors }]) => [
    { key: `${name}.input`, name: payloadNames.input(name), io: 'input' as const, schema: input },
    ...(isBytes(output)
      ? []
      : [
          {
            key: `${name}.output`,
            name: payloadNames.output(name),
            io: 'output' as const,
            schema: isStream(output) ? output.item : output,
          },
        ]),
    ...Object.keys(errors)
      .sort(byCodeUnits)
      .map((kind) => ({
        key: `${name}.errors.${kind}`,
        name: payloadNames.error(name, kind),
        io: 'output' as const,
        schema: errors[kind].data,
      })),
  ])
}
