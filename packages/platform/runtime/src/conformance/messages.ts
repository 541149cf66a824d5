/** What the suite asks for and is told, as JavaScript has it. */

export interface Header {
  readonly name: string
  readonly value: readonly string[]
}

export interface Any {
  readonly typeUrl: string
  readonly value: Uint8Array
}

export interface WantedError {
  readonly code: string
  readonly message?: string
  readonly details: readonly Any[]
}

export interface UnaryDefinition {
  readonly responseHeaders: readonly Header[]
  readonly responseTrailers: readonly Header[]
  readonly responseDelayMs: number
  readonly responseData?: Uint8Array
  readonly error?: WantedError
}

export interface StreamDefinition {
  readonly responseHeaders: readonly Header[]
  readonly responseTrailers: readonly Header[]
  readonly responseDelayMs: number
  readonly responseData: readonly Uint8Array[]
  readonly error?: WantedError
}

export interface WantedRequest<D> extends Record<string, unknown> {
  readonly responseDefinition?: D
  readonly fullDuplex?: boolean
}

export interface ServerCompatRequest {
  readonly useTls: boolean
  readonly clientTlsCert: Uint8Array
  readonly messageReceiveLimit: number
  readonly serverCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array }
}
