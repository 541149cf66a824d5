import { mustParseRoute, type RoutePattern, type Segment } from '@atlas/contract'
import type { EndpointDocument, InterfaceDocument } from '../document.ts'
import { own } from '../records.ts'
import { minimal } from './json/samples.ts'

/** A request line, and the values of the fields in its path. */
export interface RequestLine {
  readonly method: string
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

/** The request line of a caller of an endpoint: fields of the path have small values that the input allows. */
export function requestLine(
  { route, input }: EndpointDocument,
  schemas: InterfaceDocument['schemas'] = {},
  given: Readonly<Record<string, string>> = {},
): RequestLine {
  const { method, segments } = mustParseRoute(route)
  const fields: Record<string, string> = {}
  const parts = segments.map((segment) => {
    if (segment.kind === 'literal') return segment.value
    const schema = own(input.properties, segment.field)
    const value = schema && minimal(schema, schemas)
    const text = given[segment.field] ?? (value === undefined || value === '' ? segment.field : String(value))
    fields[segment.field] = text
    return text
      .split('/')
      .map(encodeURIComponent)
      .join(segment.kind === 'rest' ? '/' : '%2F')
  })
  return { method, path: `/${parts.join('/')}`, fields }
}

/** The endpoint of a document that a request reaches, with the fields of its path; the more specific route wins. */
export function reached(
  { method, path }: RequestLine,
  document: InterfaceDocument,
): { endpoint: string; fields: Record<string, string> } | undefined {
  const parts = path === '/' ? [] : path.slice(1).split('/').map(decodeURIComponent)
  let best: { endpoint: string; fields: Record<string, string>; rank: string } | undefined
  for (const [endpoint, pattern] of patternsOf(document)) {
    if (pattern.method !== method) continue
    const fields = matched(pattern, parts)
    if (!fields) continue
    const rank = pattern.segments.map(rankOf).join('')
    if (!best || rank < best.rank) best = { endpoint, fields, rank }
  }
  return best && { endpoint: best.endpoint, fields: best.fields }
}

const parsed = new WeakMap<InterfaceDocument, [endpoint: string, pattern: RoutePattern][]>()

function patternsOf(document: InterfaceDocument): [endpoint: string, pattern: RoutePattern][] {
  const known =
    parsed.get(document) ??
    Object.entries(document.endpoints).map(([endpoint, { route }]): [string, RoutePattern] => [
      endpoint,
      mustParseRoute(route),
    ])
  parsed.set(document, known)
  return known
}

function matched({ segments }: RoutePattern, parts: readonly string[]): Record<string, string> | undefined {
  const fields: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const part = parts[index]
    if (part === undefined) return undefined
    if (segment.kind === 'rest') {
      fields[segment.field] = parts.slice(index).join('/')
      return fields
    }
    if (segment.kind === 'field') fields[segment.field] = part
    else if (segment.value !== part) return undefined
  }
  return segments.length === parts.length ? fields : undefined
}

function rankOf({ kind }: Segment): string {
  return kind === 'literal' ? 'a' : kind === 'field' ? 'b' : 'c'
}

/**
 * A request of one endpoint that another, more specific route would take: the fields of the path that must have certain
 * values, or undefined where no request of the one reaches the other.
 */
export function capturedBy(route: string, other: string): Record<string, string> | undefined {
  const [wide, narrow] = [mustParseRoute(route), mustParseRoute(other)]
  if (wide.method !== narrow.method) return undefined
  const fields: Record<string, string> = {}
  let isNarrower = false
  for (let index = 0; ; index++) {
    const [left, right] = [wide.segments[index], narrow.segments[index]]
    if (!left && !right) return isNarrower ? fields : undefined
    if (!left || !right) return undefined
    if (left.kind === 'rest') {
      const rest = narrow.segments.slice(index)
      if (rest[0]?.kind !== 'rest') isNarrower = true
      fields[left.field] = rest.map((each) => (each.kind === 'literal' ? each.value : each.field)).join('/')
      return isNarrower ? fields : undefined
    }
    if (right.kind === 'rest') return isNarrower ? fields : undefined
    if (left.kind === 'literal' && right.kind === 'literal') {
      if (left.value !== right.value) return undefined
    } else if (left.kind === 'field' && right.kind === 'literal') {
      fields[left.field] = right.value
      isNarrower = true
    } else if (left.kind === 'literal') return undefined
  }
}
