/**
 * The closed set of error codes, shared by HTTP, Connect and gRPC.
 *
 * Numbers are gRPC's (https://grpc.github.io/grpc/core/md_doc_statuscodes.html); HTTP statuses are Connect's mapping
 * (https://connectrpc.com/docs/protocol#error-codes), so that one code means one thing on every wire.
 */
export const codes = {
  canceled: { grpc: 1, http: 499, means: 'the caller went away' },
  unknown: { grpc: 2, http: 500, means: 'an error of another system that has no better code' },
  invalid_argument: { grpc: 3, http: 400, means: 'the input is wrong, whatever the state of the system' },
  deadline_exceeded: { grpc: 4, http: 504, means: 'the time the caller gave ran out' },
  not_found: { grpc: 5, http: 404, means: 'the thing asked for does not exist' },
  already_exists: { grpc: 6, http: 409, means: 'the thing to create exists' },
  permission_denied: { grpc: 7, http: 403, means: 'the caller is known and may not do this' },
  resource_exhausted: { grpc: 8, http: 429, means: 'a quota or a limit is used up' },
  failed_precondition: {
    grpc: 9,
    http: 400,
    means: 'the system is not in the state that this needs; do not just retry',
  },
  aborted: { grpc: 10, http: 409, means: 'a concurrent change won; retry from the start' },
  out_of_range: { grpc: 11, http: 400, means: 'past the valid range, which may grow' },
  unimplemented: { grpc: 12, http: 501, means: 'this endpoint is not served' },
  internal: { grpc: 13, http: 500, means: 'a bug of the servlet; details are in its log only' },
  unavailable: { grpc: 14, http: 503, means: 'not now; retry with backoff' },
  data_loss: { grpc: 15, http: 500, means: 'unrecoverable loss or corruption' },
  unauthenticated: { grpc: 16, http: 401, means: 'the caller is not known' },
} as const satisfies Record<string, { grpc: number; http: number; means: string }>

/** One of the sixteen error codes. */
export type Code = keyof typeof codes

/** Whether a value is one of the sixteen codes. */
export function isCode(value: unknown): value is Code {
  return typeof value === 'string' && Object.hasOwn(codes, value)
}

/**
 * The code that an HTTP status stands for, for answers that carry no error document (a proxy's page, say).
 *
 * This is Connect's and gRPC's table (https://connectrpc.com/docs/protocol#http-to-error-code), not the inverse of
 * `codes`: whoever sent such an answer does not know our codes, so its 404 means "nothing is served here".
 */
export function codeOfHttpStatus(status: number): Code {
  return httpStatuses.get(status) ?? 'unknown'
}

const httpStatuses = new Map<number, Code>([
  [400, 'internal'],
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'unimplemented'],
  [429, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
])
