const untyped = 'application/octet-stream'

/** The type that bytes are sent as: their own, or, where they have none, the first of the contract's without a star. */
export function mediaTypeOf(contentType: string, types: readonly string[]): string {
  if (contentType !== '' && contentType !== untyped) return contentType
  return types.find((type) => !type.includes('*')) ?? untyped
}
