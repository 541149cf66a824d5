import type * as z from 'zod'
import type { ByteStream, Bytes, BytesSource } from './bytes.ts'
import type { Contract } from './contract.ts'
import type { Endpoint } from './endpoint.ts'
import type { AtlasError, ErrorSpec } from './error.ts'
import type { Stream } from './stream.ts'

/** Any endpoint. */
export type AnyEndpoint = Endpoint<any, any, any, any, any, any>

/** An input and its bytes. zod types an object without fields so that it can have none, not even `body`. */
type WithBody<T, Body> =
  T extends Record<string, never> ? { readonly body: Body } : T & { readonly body: Body }

/** What a handler gets: the parsed input and, where the endpoint takes bytes, `body`. */
export type InputOf<T> = T extends AnyEndpoint
  ? T['body'] extends Bytes
    ? WithBody<T['input']['_zod']['output'], ByteStream>
    : T['input']['_zod']['output']
  : never

/** What a caller gives: fields with a default may be absent. */
export type CallInputOf<T> = T extends AnyEndpoint
  ? T['body'] extends Bytes
    ? WithBody<T['input']['_zod']['input'], BytesSource>
    : T['input']['_zod']['input']
  : never

/** What a caller gets, streams apart: the parsed output, or a byte stream. */
export type OutputOf<T> = T extends AnyEndpoint
  ? T['output'] extends Bytes
    ? ByteStream
    : T['output'] extends Stream<infer S>
      ? z.output<S>
      : T['output']['_zod']['output']
  : never

/** What a handler answers: fields with a default may be absent. */
export type AnswerOf<T> = T extends AnyEndpoint
  ? T['output'] extends Bytes
    ? BytesSource
    : T['output'] extends Stream<infer S>
      ? z.input<S>
      : {} extends T['output']['_zod']['input']
        ? T['output']['_zod']['input'] | void
        : T['output']['_zod']['input']
  : never

/** The declared errors of an endpoint. */
export type ErrorSpecsOf<T> = T extends AnyEndpoint ? T['errors'] : never

/** The typed errors of an endpoint, as a caller sees them: a union that `kind` tells apart. */
export type ErrorOf<T> = {
  [K in keyof ErrorSpecsOf<T> & string]: ErrorSpecsOf<T>[K] extends ErrorSpec<any, infer S>
    ? AtlasError<K, z.output<S>>
    : never
}[keyof ErrorSpecsOf<T> & string]

/** The endpoints of a contract. */
export type EndpointsOf<C> = C extends Contract<any, infer E> ? E : never
