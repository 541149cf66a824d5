import { type Bytes, type Contract, type Endpoint, isBytes, isStream } from '@atlas/contract'
import type { EndpointDocument, InterfaceDocument, MountDocument } from './document.ts'
import { canonical } from './document-text.ts'
import type { JsonSchema } from './json-schema.ts'
import { payloadsOf } from './payload.ts'
import { schemasOfPayloads } from './payload-schemas.ts'
import { InterfaceError } from './problem.ts'
import { assignNumbers } from './protobuf/assign-numbers.ts'
import { protobufShapeOf } from './protobuf/shape-of.ts'
import { byCodeUnits, sortedEntries } from './records.ts'

/** What the interface document holds beside the contract. */
export interface InterfaceOptions {
  /** Apps mounted beside the endpoints, by path prefix. */
  readonly mounts?: Readonly<Record<string, MountDocument>>
  /** The endpoints of other servlets that this one calls, by servlet. */
  readonly calls?: Readonly<Record<string, readonly string[]>>
  /** The document as it was before: its protobuf numbers keep their meaning. */
  readonly previous?: InterfaceDocument
}

/**
 * Makes the interface document of a contract. Pure: the same contract and the same previous document give the same
 * document, and a document is its own successor.
 *
 * @throws InterfaceError when ids of schemas or names of protobuf messages clash.
 */
export function interfaceOf(contract: Contract, options: InterfaceOptions = {}): InterfaceDocument {
  const { mounts, calls, previous } = options
  const { payloads, schemas } = schemasOfPayloads(payloadsOf(contract))
  const document: InterfaceDocument = {
    format: 1,
    name: contract.name,
    endpoints: Object.fromEntries(
      sortedEntries<Endpoint>(contract.endpoints).map(([name, endpoint]) => [
        name,
        endpointDocument(name, endpoint, payloads),
      ]),
    ),
  }
  if (mounts && Object.keys(mounts).length > 0) document.mounts = { ...mounts }
  if (calls && Object.keys(calls).length > 0)
    document.calls = Object.fromEntries(
      sortedEntries(calls).map(([name, endpoints]) => [name, [...new Set(endpoints)].sort(byCodeUnits)]),
    )
  if (Object.keys(schemas).length > 0) document.schemas = { ...schemas }
  const { shape, problems } = protobufShapeOf(document)
  if (problems.length > 0)
    throw new InterfaceError(`contract '${contract.name}' has no protobuf form`, problems)
  const before = previous?.protobuf && {
    shape: protobufShapeOf(previous).shape,
    numbers: previous.protobuf,
  }
  const numbers = assignNumbers(shape, before)
  if (numbers) document.protobuf = numbers
  return canonical(document)
}

function endpointDocument(
  name: string,
  endpoint: Endpoint,
  payloads: ReadonlyMap<string, JsonSchema>,
): EndpointDocument {
  const { route, access, description, idempotent, deprecated, grpc, body, output, errors } = endpoint
  const schema = (key: string): JsonSchema => payloads.get(`${name}.${key}`)!
  const kinds = sortedEntries(errors)
  return {
    route,
    access,
    ...(description === undefined ? {} : { description }),
    ...(idempotent ? { idempotent } : {}),
    ...(deprecated === undefined ? {} : { deprecated: { ...deprecated } }),
    ...(grpc ? {} : { grpc }),
    input: schema('input'),
    ...(body ? { body: bytesDocument(body) } : {}),
    output: isBytes(output)
      ? { bytes: bytesDocument(output) }
      : isStream(output)
        ? { stream: schema('output') }
        : { schema: schema('output') },
    ...(kinds.length === 0
      ? {}
      : {
          errors: Object.fromEntries(
            kinds.map(([kind, { code }]) => [kind, { code, data: schema(`errors.${kind}`) }]),
          ),
        }),
  }
}

function bytesDocument({ types, maxBytes }: Bytes): { types: string[]; maxBytes: number } {
  return { types: [...types], maxBytes }
}
