// For other Atlas packages.
export type {
  Call,
  CallArguments,
  CallOptions,
  CallRequest,
  Client,
  Result,
  StreamCall,
  Transport,
  UnaryCall,
} from './client.ts'
export { createClient } from './create-client.ts'
export { abortedBy, type CallSignal, callSignal } from './deadline.ts'
export { type HttpTransportOptions, httpTransport } from './http/http-transport.ts'
export { mediaTypeOf } from './media-type.ts'
export { originOf } from './origin.ts'
export type { Backoff } from './retry/backoff.ts'
export { RetryBudget, type RetryBudgetOptions } from './retry/retry-budget.ts'
export { type RetryOptions, retrying } from './retry/retrying.ts'
export { refusingTransport, undeclaredCall } from './undeclared-call.ts'
export { type BytesWatch, watchBytes } from './watch-bytes.ts'
