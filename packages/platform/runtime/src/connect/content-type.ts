import type { Format } from '../rpc/method.ts'
import type { UniversalRequest } from '../universal.ts'

const types = /^application\/(connect\+)?(proto|json)\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i

/** What a content type says of a Connect request. */
export interface ConnectType {
  /** Messages in envelopes, as all methods but unary ones have them. */
  readonly streaming: boolean
  readonly format: Format
}

const known: Readonly<Record<string, ConnectType>> = {
  'application/json': { streaming: false, format: 'json' },
  'application/proto': { streaming: false, format: 'proto' },
  'application/connect+json': { streaming: true, format: 'json' },
  'application/connect+proto': { streaming: true, format: 'proto' },
}

/** What the content type of a request says; undefined for one that Connect does not have. */
export function connectTypeOf({ headers }: UniversalRequest): ConnectType | undefined {
  const type = headers['content-type'] as string | undefined
  if (type === undefined) return undefined
  if (Object.hasOwn(known, type)) return known[type]
  const match = types.exec(type)
  return match ? known[`application/${match[1] ? 'connect+' : ''}${match[2]!.toLowerCase()}`] : undefined
}

/** The content type of answers. */
export function contentTypeOf(streaming: boolean, format: Format): string {
  return streaming ? streamTypes[format] : unaryTypes[format]
}

const unaryTypes = { json: 'application/json', proto: 'application/proto' } as const
const streamTypes = { json: 'application/connect+json', proto: 'application/connect+proto' } as const

/** The content types that a method takes, as a header lists them. */
export function acceptedTypes(streaming: boolean): string {
  return Object.values(streaming ? streamTypes : unaryTypes).join(', ')
}
