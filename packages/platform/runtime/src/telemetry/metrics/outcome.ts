import { type AtlasError, type Code, codes } from '@atlas/contract'

/** Values of the label `code` by number: `ok`, then the sixteen codes at their gRPC numbers. */
export const codeNames: readonly string[] = ['ok', ...Object.keys(codes)]

/** How a request ended, as far as it matters for objectives: whose fault it was. */
export const outcomes = ['ok', 'refused', 'failed'] as const

export type Outcome = (typeof outcomes)[number]

/** The codes that are the server's fault: OpenTelemetry's list for servers of RPCs. */
const failing: ReadonlySet<string> = new Set<Code>([
  'unknown',
  'deadline_exceeded',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
])

const outcomeNumbers = Uint8Array.from(codeNames, (code) => (code === 'ok' ? 0 : failing.has(code) ? 2 : 1))

/** The place in {@link outcomes} of a code's number. */
export function outcomeOfCode(codeNumber: number): number {
  return outcomeNumbers[codeNumber] ?? 2
}

/** Whether a code's number is the server's fault. */
export function isFailure(codeNumber: number): boolean {
  return outcomeOfCode(codeNumber) === 2
}

/**
 * The number of how a request ended; without an error it is 0, `ok`.
 *
 * Where an error's status blames the caller and its code the server, the status is right: a path where nothing is served
 * is `unimplemented` with 404, a body that does not arrive `deadline_exceeded` with 408.
 */
export function codeNumberOf(error: AtlasError | undefined): number {
  if (error === undefined) return 0
  const number = codes[error.code].grpc
  return error.httpStatus < 500 && isFailure(number) ? codeNumberOfStatus(error.httpStatus) : number
}

/**
 * The number of the code that says the same as a status of a mounted app, which knows no codes. Its 404 means that
 * something does not exist, and its 500 that it failed.
 */
export function codeNumberOfStatus(status: number): number {
  if (status < 400) return 0
  const code = statuses.get(status) ?? (status < 500 ? 'invalid_argument' : 'internal')
  return codes[code].grpc
}

const statuses = new Map<number, Code>([
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'not_found'],
  [408, 'canceled'],
  [409, 'aborted'],
  [410, 'not_found'],
  [412, 'failed_precondition'],
  [413, 'resource_exhausted'],
  [416, 'out_of_range'],
  [428, 'failed_precondition'],
  [429, 'resource_exhausted'],
  [499, 'canceled'],
  [501, 'unimplemented'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'deadline_exceeded'],
])
