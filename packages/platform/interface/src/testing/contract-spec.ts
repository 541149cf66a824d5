import { bytes, type Contract, contract, type Endpoint, endpoint, stream } from '@atlas/contract'
import * as fc from 'fast-check'
import { type Field, objectSpec, type SharedSchemas, type SpecOptions, zodObject } from './schema-spec.ts'

/** An endpoint as data. */
export interface EndpointSpec {
  method: 'GET' | 'POST'
  access: 'public' | 'user' | 'internal'
  input: Record<string, Field>
  output: { kind: 'object' | 'stream'; fields: Record<string, Field> } | { kind: 'bytes' }
  errors: Record<string, Record<string, Field>>
  body: boolean
  grpc: boolean
}

/** The endpoints of a contract as data. */
export type ContractSpec = Record<string, EndpointSpec>

/** Any contract. */
export function contractSpec(options: Omit<SpecOptions, 'protobuf'>): fc.Arbitrary<ContractSpec> {
  const fields = objectSpec({ ...options, protobuf: true })
  const spec: fc.Arbitrary<EndpointSpec> = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    access: fc.constantFrom('public', 'user', 'internal'),
    input: fields,
    output: fc.oneof(
      fc.record({ kind: fc.constantFrom('object' as const, 'stream' as const), fields }),
      fc.constant({ kind: 'bytes' as const }),
    ),
    errors: fc.dictionary(fc.constantFrom('full', 'noSuchThing'), fields, { noNullPrototype: true }),
    body: fc.boolean(),
    grpc: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, { arbitrary: fc.constant(false), weight: 1 }),
  })
  return fc.dictionary(fc.constantFrom('alpha', 'beta', 'listAll'), spec, { noNullPrototype: true })
}

/** The contract of a spec. */
export function contractOf(name: string, spec: ContractSpec): Contract {
  const shared: SharedSchemas = new Map()
  return contract(
    name,
    Object.fromEntries(Object.entries(spec).map(([key, each]) => [key, endpointOf(key, each, shared)])),
  )
}

function endpointOf(key: string, spec: EndpointSpec, shared: SharedSchemas): Endpoint {
  const { access, grpc, output } = spec
  // A query and a path hold less than a body, so what cannot travel there is left out.
  const flat = Object.fromEntries(
    Object.entries(spec.input).filter(([, { spec, wrap }]) => spec.kind === 'int' && wrap !== 'nullable'),
  )
  const inQuery = spec.method === 'GET' || spec.body
  const [inPath] = Object.entries(flat).find(([, { wrap }]) => wrap === 'plain') ?? []
  const path = `/${key}${inPath === undefined ? '' : `/{${inPath}}`}`
  return endpoint({
    route: `${spec.method} ${path}` as string,
    access,
    grpc,
    input: zodObject(inQuery ? flat : spec.input, shared),
    output:
      output.kind === 'bytes'
        ? bytes({ types: ['image/*', 'text/plain'] })
        : output.kind === 'stream'
          ? stream(zodObject(output.fields, shared))
          : zodObject(output.fields, shared),
    errors: Object.fromEntries(
      Object.entries(spec.errors).map(([kind, fields]) => [
        kind,
        {
          code: kind === 'full' ? ('resource_exhausted' as const) : ('not_found' as const),
          data: zodObject(fields, shared),
        },
      ]),
    ),
    ...(spec.body && spec.method === 'POST' ? { body: bytes() } : {}),
  }) as Endpoint
}
