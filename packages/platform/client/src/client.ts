import type {
  AnyEndpoint,
  AtlasError,
  BytesSource,
  CallInputOf,
  Contract,
  Endpoint,
  EndpointsOf,
  ErrorOf,
  OutputOf,
  Stream,
} from '@atlas/contract'

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call. The signal of the request being handled is always heeded too. */
  readonly signal?: AbortSignal | undefined
  /** How long to wait at most. Calls made while handling a request never outlive that request's deadline. */
  readonly timeoutMs?: number | undefined
}

/** What `.result()` resolves to: TypeScript cannot type a catch, so typed errors come as values. */
export type Result<T, E extends AtlasError> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E }

/** The arguments of a call: the input may be left out where all of its fields may. */
export type CallArguments<T> =
  {} extends CallInputOf<T>
    ? [input?: CallInputOf<T>, options?: CallOptions]
    : [input: CallInputOf<T>, options?: CallOptions]

/** Calls an endpoint that answers once. */
export interface UnaryCall<T> {
  /** @throws AtlasError for every error, typed or not. */
  (...args: CallArguments<T>): Promise<OutputOf<T>>
  /**
   * Resolves to the typed errors of the contract too, in place of throwing them.
   *
   * @throws AtlasError for errors that the contract does not declare: a wrong input, an outage.
   */
  result(...args: CallArguments<T>): Promise<Result<OutputOf<T>, ErrorOf<T>>>
}

/** Calls an endpoint that answers with a stream; leaving the loop cancels the call. */
export type StreamCall<T> = (...args: CallArguments<T>) => AsyncIterable<OutputOf<T>>

/** Calls one endpoint. */
export type Call<T> =
  T extends Endpoint<any, any, infer O, any, any, any>
    ? O extends Stream
      ? StreamCall<T>
      : UnaryCall<T>
    : never

/** The typed client of a contract. */
export type Client<C> = { readonly [K in keyof EndpointsOf<C>]: Call<EndpointsOf<C>[K]> }

/** One call on its way, as transports see it. */
export interface CallRequest {
  readonly contract: Contract
  /** The endpoint's name in the contract. */
  readonly name: string
  readonly endpoint: AnyEndpoint
  /** The input without `body`. */
  readonly input: Readonly<Record<string, unknown>>
  readonly body: BytesSource | undefined
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
}

/**
 * Carries calls. All transports behave alike: they throw AtlasErrors only, with what the callee's contract declares,
 * and hand out values that share nothing with what the callee holds.
 */
export interface Transport {
  /** Resolves to the parsed output, or to a ByteStream where the endpoint answers with bytes. */
  unary(request: CallRequest): Promise<unknown>
  /** Yields parsed items. The call starts with the first `next()`. */
  stream(request: CallRequest): AsyncIterable<unknown>
}
