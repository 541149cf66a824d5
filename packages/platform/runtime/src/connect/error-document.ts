import type { AtlasError, Code } from '@atlas/contract'
import type { ErrorDetail } from '../rpc/error-detail.ts'

/** An error as Connect's JSON has it (https://connectrpc.com/docs/protocol#error-end-stream). */
export interface ConnectErrorDocument {
  readonly code: Code
  readonly message: string
  readonly details?: readonly { readonly type: string; readonly value: string; readonly debug?: unknown }[]
}

/** The document of an error. */
export function connectError(error: AtlasError, details: readonly ErrorDetail[]): ConnectErrorDocument {
  return {
    code: error.code,
    message: error.message,
    ...(details.length === 0 ? {} : { details: details.map(detailDocument) }),
  }
}

function detailDocument({ type, value, debug }: ErrorDetail) {
  return {
    type,
    value: Buffer.from(value).toString('base64').replace(/=+$/, ''),
    ...(debug === undefined ? {} : { debug }),
  }
}
