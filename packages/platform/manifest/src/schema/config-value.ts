import * as z from 'zod'

/** A value in `config`: any JSON but null, which would say nothing about the type. */
export type ConfigValue =
  | string
  | number
  | boolean
  | readonly (ConfigValue | null)[]
  | { readonly [key: string]: ConfigValue | null }

/** The schema of a value in `config`. */
export const configValue = z
  .unknown()
  .superRefine((value, ctx) => {
    if (isConfigValue(value)) return
    const message = value === null ? 'is null, which says nothing about the type of the value' : 'is not JSON'
    const params = { remedy: 'give a default of the type that the value has, such as "", 0, false, [] or {}' }
    ctx.addIssue({ code: 'custom', message, params })
  })
  .meta({ type: ['string', 'number', 'boolean', 'array', 'object'] }) as unknown as z.ZodType<
  ConfigValue,
  ConfigValue
>

/** What kind of JSON a config value is; an override must be of the same. */
export function configType(value: ConfigValue): 'string' | 'number' | 'boolean' | 'array' | 'object' {
  if (Array.isArray(value)) return 'array'
  return typeof value as 'string' | 'number' | 'boolean' | 'object'
}

function isConfigValue(value: unknown): value is ConfigValue {
  return value !== null && isJson(value)
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return typeof value === 'object' && Object.values(value).every(isJson)
}
