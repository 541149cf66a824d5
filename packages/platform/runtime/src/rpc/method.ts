import type { Access } from '@atlas/contract'
import type { MessageCodec } from '../protobuf/message-codec.ts'
import type { Served } from '../routing-table.ts'
import type { RpcCall } from './call.ts'
import type { ErrorDetail } from './error-detail.ts'

/** How messages are written: protobuf's bytes, or protobuf's JSON. */
export type Format = 'proto' | 'json'

/** The codecs of a method in one format. */
export interface MethodCodecs {
  readonly request: MessageCodec
  readonly response: MessageCodec
}

/** What all methods have. */
export interface MethodBase extends Served {
  /** `/greeter.Greeter/Greet` */
  readonly path: string
  readonly access: Access
  /** Whether it may be called with GET. */
  readonly noSideEffects: boolean
  readonly codecs: Readonly<Record<Format, MethodCodecs>>
  /** What an error says beside its code and message. Never throws. */
  details(error: unknown): readonly ErrorDetail[]
}

/** A method that takes one message and gives one. */
export interface UnaryMethod extends MethodBase {
  readonly kind: 'unary'
  /** Rejects with an AtlasError that callers may see. */
  run(input: unknown, call: RpcCall): Promise<unknown>
}

/** A method that takes one message and gives many. */
export interface ServerStreamMethod extends MethodBase {
  readonly kind: 'server-stream'
  /** The headers of `call` are sent when it has answered; its trailers when the messages end. */
  open(input: unknown, call: RpcCall): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>
}

/** A method that takes many messages, and gives one (as many with one in them) or many. */
export interface ClientStreamMethod extends MethodBase {
  readonly kind: 'client-stream' | 'bidi-stream'
  open(
    inputs: AsyncIterable<unknown>,
    call: RpcCall,
  ): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>
}

/** A method as gRPC and Connect see it, whatever does the work. */
export type RpcMethod = UnaryMethod | ServerStreamMethod | ClientStreamMethod

/** Whether what a request is for is a method. */
export function isMethod(served: Served | undefined): served is RpcMethod {
  return served !== undefined && 'codecs' in served
}
