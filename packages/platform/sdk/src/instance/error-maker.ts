import { AtlasError, type Endpoint, parserOf } from '@atlas/contract'

/** Makers of typed errors by kind. */
export type ErrorMakers = Readonly<Record<string, (data?: unknown, message?: string) => AtlasError>>

/** The makers of an endpoint's typed errors (`ctx.errors`). */
export function errorMakers({ errors }: Pick<Endpoint, 'errors'>): ErrorMakers {
  const makers: Record<string, ErrorMakers[string]> = {}
  for (const [kind, spec] of Object.entries(errors)) {
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
