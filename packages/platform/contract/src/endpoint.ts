import * as z from 'zod'
import type { ErrorsBound, ObjectSchema, OutputBound } from './bounds.ts'
import type { Bytes } from './bytes.ts'
import type { ErrorSpecs } from './error.ts'
import type { Route } from './route.ts'
import type { Stream } from './stream.ts'

/**
 * Who may call: anybody (`public`), signed-in users (`user`), or other servlets (`internal`, the default, because an
 * endpoint that nobody thought about must not be on the internet).
 */
export type Access = 'public' | 'user' | 'internal'

/** What an endpoint may answer with. */
export type Output = z.core.$ZodType | Stream | Bytes

/** The empty answer, of an endpoint without `output`. */
export type Empty = z.ZodObject<{}, z.core.$strip>

/** An announced end of an endpoint. Sent as `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) headers. */
export interface Deprecation {
  /** The date since when new callers should not use it, `2026-11-01`. */
  readonly since: string
  /** The date after which it may be gone. */
  readonly sunset: string
  /** What to use in its place. */
  readonly use?: string
}

/** One endpoint of a contract. Made by {@link endpoint}; all defaults are filled in. */
export interface Endpoint<
  R extends string = string,
  I extends ObjectSchema = z.core.$ZodObject,
  O extends OutputBound = Output,
  E extends ErrorsBound = ErrorSpecs,
  B extends Bytes | undefined = Bytes | undefined,
  A extends Access = Access,
> {
  readonly route: R
  readonly input: I
  readonly output: O
  readonly errors: E
  readonly body: B
  readonly access: A
  /** Whether a call may be repeated without further effect, so that clients may retry it. */
  readonly idempotent: boolean
  readonly deprecated: Deprecation | undefined
  /** Whether it is served over gRPC too. */
  readonly grpc: boolean
  readonly description: string | undefined
}

/** What {@link endpoint} takes. */
export interface EndpointSpec<
  R extends string,
  I extends ObjectSchema,
  O extends OutputBound,
  E extends ErrorsBound,
  B extends Bytes | undefined,
  A extends Access,
> {
  /** Method and path: `GET /greet/{name}`. `{path*}` at the end takes the rest. Fields are fields of `input`. */
  readonly route: CheckedRoute<R, I>
  /** @default 'internal' */
  readonly access?: A
  /** @default an object without fields */
  readonly input?: I
  /** A schema, `stream(Item)` or `bytes()`. @default an object without fields */
  readonly output?: O
  /** Typed errors by kind. @default none */
  readonly errors?: E
  /** Raw bytes as the body of the request, given to the handler as `input.body`. @default none: JSON */
  readonly body?: B
  /** @default true for GET, PUT and DELETE, as HTTP says */
  readonly idempotent?: boolean
  readonly deprecated?: Deprecation
  /** `false` where protobuf cannot carry the schemas. @default true */
  readonly grpc?: boolean
  /** One or two sentences for the generated documentation. */
  readonly description?: string
}

/** The fields that a route names: `'name'` of `GET /greet/{name}`. */
export type RouteFields<R extends string> = R extends `${string}{${infer F}}${infer Rest}`
  ? (F extends `${infer N}*` ? N : F) | RouteFields<Rest>
  : never

/** `R` where it is right, else a sentence that says what is wrong with it: the type checker prints it. */
export type CheckedRoute<R extends string, I extends ObjectSchema> = string extends R
  ? R
  : R extends Route
    ? Missing<R, I> extends infer M extends string
      ? [M] extends [never]
        ? R
        : `route has {${M}}, input has no field ${M}`
      : never
    : `route must be a method (GET, POST, PUT, PATCH, DELETE), a space and a path that starts with '/'`

type Missing<R extends string, I extends ObjectSchema> = Exclude<
  RouteFields<R>,
  keyof I['_zod']['def']['shape']
>

/**
 * Declares an endpoint.
 *
 * Its schemas are checked when the contract is made (see `contract`), so that all problems of a contract are reported
 * at once. Without `NoInfer`, what is left out would be `any` inside of `contract(...)`, whose parameter takes any endpoint.
 */
export function endpoint<
  const R extends string,
  I extends ObjectSchema = Empty,
  O extends OutputBound = Empty,
  E extends ErrorsBound = {},
  B extends Bytes | undefined = undefined,
  const A extends Access = 'internal',
>(
  spec: EndpointSpec<R, I, O, E, B, A>,
): Endpoint<R, NoInfer<I>, NoInfer<O>, NoInfer<E>, NoInfer<B>, NoInfer<A>>
export function endpoint(
  spec: EndpointSpec<string, z.core.$ZodObject, Output, ErrorSpecs, Bytes | undefined, Access>,
): Endpoint {
  const { route } = spec
  return Object.freeze({
    route,
    input: spec.input ?? z.object({}),
    output: spec.output ?? z.object({}),
    errors: spec.errors ?? {},
    body: spec.body,
    access: spec.access ?? 'internal',
    idempotent: spec.idempotent ?? !/^(POST|PATCH) /.test(route),
    deprecated: spec.deprecated,
    grpc: spec.grpc ?? true,
    description: spec.description,
  })
}
