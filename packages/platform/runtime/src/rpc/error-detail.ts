import { AtlasError } from '@atlas/contract'
import { retryAfterMsOf } from '../overload/retry-after.ts'
import type { ErrorMessages } from '../protobuf/contract-file.ts'
import { badRequest, retryInfo, struct } from '../protobuf/google-files.ts'
import { type MessageCodec, protoCodec } from '../protobuf/message-codec.ts'
import { structOf } from '../protobuf/struct-value.ts'
import type { ProtoTypes } from '../protobuf/types.ts'

/** A message that goes with an error. */
export interface ErrorDetail {
  /** The full name of the message: `greeter.GreetNobodyError`. */
  readonly type: string
  readonly value: Uint8Array
  /** The same for people to read. */
  readonly debug?: unknown
}

/**
 * Makes the details of a method's errors: of a typed error its message; of an input that is refused
 * `google.rpc.BadRequest`, and of a hint when to come back `google.rpc.RetryInfo`, as other servers say it; of any other
 * data `google.protobuf.Struct`.
 */
export function errorDetails(
  types: ProtoTypes,
  messages: ErrorMessages,
): (error: unknown) => readonly ErrorDetail[] {
  const typed = new Map([...messages].map(([kind, type]) => [kind, { type, codec: protoCodec(types, type) }]))
  const badRequests = { type: badRequest, codec: protoCodec(types, badRequest) }
  const retryInfos = { type: retryInfo, codec: protoCodec(types, retryInfo) }
  const structs = { type: struct, codec: protoCodec(types, struct) }
  return (error) => {
    if (!(error instanceof AtlasError) || typeof error.data !== 'object' || error.data === null) return []
    const { kind, data } = error
    if (kind !== undefined) return detail(typed.get(kind), data, data)
    if ('issues' in data && Array.isArray(data.issues))
      return detail(badRequests, { fieldViolations: data.issues.map(violation) }, data)
    const laterMs = retryAfterMsOf(error)
    if (laterMs !== undefined) return detail(retryInfos, { retryDelay: durationOf(laterMs) }, data)
    return detail(structs, structOf(data), data)
  }
}

function detail(
  as: { type: string; codec: MessageCodec } | undefined,
  value: unknown,
  debug: unknown,
): readonly ErrorDetail[] {
  if (!as) return []
  try {
    return [{ type: as.type, value: as.codec.encode(value, 0), debug }]
  } catch {
    // Data without such a form; the error itself must arrive all the same.
    return []
  }
}

function durationOf(ms: number): object {
  return { seconds: Math.floor(ms / 1000), nanos: Math.round(ms % 1000) * 1_000_000 }
}

function violation(issue: { path?: unknown; message?: unknown } | null): object {
  return { field: String(issue?.path ?? ''), description: String(issue?.message ?? '') }
}
