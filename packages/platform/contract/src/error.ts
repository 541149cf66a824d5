import * as z from 'zod'
import type { AnySchema } from './bounds.ts'
import { type Code, codes } from './code.ts'

/** A typed error of an endpoint: the closed code it travels as, and the schema of its data. */
export interface ErrorSpec<C extends Code = Code, S extends AnySchema = z.core.$ZodType> {
  readonly code: C
  readonly data: S
}

/** The typed errors of an endpoint by kind. */
export type ErrorSpecs = Readonly<Record<string, ErrorSpec>>

/** An error kind without data. */
export type NoData = z.ZodObject<{}, z.core.$strip>

/**
 * Declares a typed error: `full: error('resource_exhausted', { quotaBytes: z.int() })`.
 *
 * The code says to those who do not know the kind what to do; the data is for those who do.
 */
export function error<const C extends Code>(code: C): ErrorSpec<C, NoData>
export function error<const C extends Code, S extends z.core.$ZodShape>(
  code: C,
  shape: S,
): ErrorSpec<C, z.ZodObject<S, z.core.$strip>>
export function error(code: Code, shape: z.core.$ZodShape = {}): ErrorSpec {
  return { code, data: z.object(shape) }
}

/** What an {@link AtlasError} is made of. */
export interface AtlasErrorInit<K extends string | undefined = string | undefined, D = unknown> {
  /** The kind that the contract declares; absent on errors without a type. */
  readonly kind?: K
  /** Data of the kind, or of the platform (`issues` of a validation). Reaches the caller. */
  readonly data?: D
  /** The HTTP status where one says more than the code's own: 405, 413, 415. */
  readonly httpStatus?: number | undefined
  /** What happened underneath. For logs only; never leaves the process. */
  readonly cause?: unknown
}

const brand = Symbol.for('atlas.error')

/**
 * The one error of the platform: a closed code, a message for people and, for typed errors, a kind with data.
 *
 * `instanceof` works across copies of this package (a bundle may carry its own), by a brand in place of the prototype.
 */
export class AtlasError<K extends string | undefined = string | undefined, D = unknown> extends Error {
  readonly code: Code
  readonly kind: K
  readonly data: D
  /** The status over plain HTTP. */
  readonly httpStatus: number

  constructor(code: Code, message: string, init: AtlasErrorInit<K, D> = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause })
    this.name = 'AtlasError'
    this.code = code
    this.kind = init.kind as K
    this.data = init.data as D
    this.httpStatus = init.httpStatus ?? codes[code].http
    Object.defineProperty(this, brand, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this, and not every AtlasError is one of theirs
    if (this !== AtlasError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && brand in value
  }

  /**
   * Turns anything thrown into an AtlasError. What is not one becomes `internal` with a message that says nothing,
   * because an unexpected error may carry secrets; the original is kept as `cause` for the log.
   */
  static from(reason: unknown): AtlasError {
    if (reason instanceof AtlasError) return reason
    if (isTimeout(reason) || (isAbort(reason) && isTimeout(reason.cause)))
      return new AtlasError('deadline_exceeded', 'the deadline passed', { cause: reason })
    if (isAbort(reason)) return new AtlasError('canceled', 'the call was cancelled', { cause: reason })
    return new AtlasError('internal', 'internal error', { cause: reason })
  }
}

/** What `AbortSignal.timeout` aborts with. Other libraries' errors of that name say nothing about the caller's deadline. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

/** What the web's APIs throw when their signal aborts, or Node's: there it is no DOMException, and has a cause. */
function isAbort(reason: unknown): reason is Error {
  if (!(reason instanceof Error) || reason.name !== 'AbortError') return false
  return reason instanceof DOMException || ('code' in reason && reason.code === 'ABORT_ERR')
}

/** One thing that is wrong with an input, by the path of the field. */
export interface Issue {
  /** `address.lines[0]`; empty for the input as a whole. */
  readonly path: string
  readonly message: string
}

/** The most issues that one error carries, because a small input can have a great many. */
const maxIssues = 100

/** The error of an input that its schema refuses; every issue at once, up to a hundred. */
export function invalidInput(issues: readonly Issue[]): AtlasError<undefined, { issues: readonly Issue[] }> {
  const first = issues[0]
  const where = first?.path ? `${first.path}: ` : ''
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return new AtlasError('invalid_argument', `${where}${first?.message ?? 'invalid input'}${more}`, {
    data: { issues: issues.slice(0, maxIssues) },
  })
}

/** The issues of a zod error. */
export function issuesOf(error: z.core.$ZodError): Issue[] {
  return error.issues.map((issue) => ({ path: z.core.toDotPath(issue.path), message: issue.message }))
}

/** What travels over plain HTTP for an error. */
export interface ErrorDocument {
  readonly code: Code
  readonly message: string
  readonly kind?: string
  readonly data?: unknown
}

/** The document of an error, without anything that is for logs only. */
export function errorDocument(error: AtlasError): ErrorDocument {
  return {
    code: error.code,
    message: error.message,
    ...(error.kind === undefined ? {} : { kind: error.kind }),
    ...(error.data === undefined ? {} : { data: error.data }),
  }
}
