import { AtlasError, type Endpoint, parserOf } from '@atlas/contract'

/** The makers of an endpoint's typed errors (`ctx.errors`). */
export function errorMakers(
  endpoint: Endpoint,
): Readonly<Record<string, (data?: unknown, message?: string) => AtlasError>> {
  const makers: Record<string, (data?: unknown, message?: string) => AtlasError> = {}
  for (const [kind, spec] of Object.entries(endpoint.errors)) {
    const words = kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    makers[kind] = (data = {}, message = words) => {
      const parsed = parserOf(spec.data)(data)
      if (parsed.ok) return new AtlasError(spec.code, message, { kind, data: parsed.value })
      const [issue] = parsed.issues
      throw new TypeError(
        `the data of error '${kind}' is not what the contract says: ${issue?.path} ${issue?.message}`,
      )
    }
  }
  return makers
}
