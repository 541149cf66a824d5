import {
  ambiguity,
  bytes,
  type Contract,
  ContractError,
  contract,
  endpoint,
  parseRoute,
  type RoutePattern,
} from '@atlas/contract'
import * as z from 'zod'
import { minimal } from '../compare/json/samples.ts'
import { refusal } from '../compare/json/validate.ts'
import type { InterfaceDocument } from '../document.ts'
import { interfaceOf } from '../interface-of.ts'
import type { JsonSchema } from '../json-schema.ts'
import { InterfaceError } from '../problem.ts'
import {
  type Loss,
  type OpenApiDescription,
  type OperationDescription,
  type PathItem,
  resolved,
} from './description.ts'
import {
  type EndpointSource,
  endpointSource,
  local,
  namesIn,
  type OperationPlace,
} from './endpoint-source.ts'
import { ZodWriter } from './zod-source.ts'

/** How a description is imported. */
export interface ImportOptions {
  /** A path before all routes, `/github`. @default none */
  readonly prefix?: string
  /** @default 'public' */
  readonly access?: 'public' | 'user' | 'internal'
  /** Only operations with one of these tags. @default all */
  readonly tags?: readonly string[]
  /** What the names of servlets begin with, `github-`. @default nothing */
  readonly namePrefix?: string
  /** Documents of an import before, by the name of the servlet: their protobuf numbers go on. @default none */
  readonly previous?: ReadonlyMap<string, InterfaceDocument>
}

/** A servlet made of the operations with one tag. */
export interface ImportedServlet {
  /** `code-scanning` */
  readonly name: string
  /** The name of its contract in code, `codeScanning`. */
  readonly id: string
  /** The text of `src/contract.ts`. */
  readonly contract: string
  readonly document: InterfaceDocument
  /** An answer of each endpoint that its output allows; undefined where it is bytes. */
  readonly answers: Readonly<Record<string, unknown>>
  /** Endpoints that protobuf cannot carry. */
  readonly withoutGrpc: readonly string[]
  /** What the description says and the contract cannot. */
  readonly losses: readonly Loss[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

/**
 * Makes servlets of an OpenAPI description, one for each tag (the first of an operation). Nothing is written. What a
 * contract cannot say is left out and listed.
 */
export function importOpenApi(
  description: OpenApiDescription,
  options: ImportOptions = {},
): ImportedServlet[] {
  const byTag = new Map<string, OperationPlace[]>()
  const { prefix = '', access = 'public', tags, namePrefix = '' } = options
  for (const [path, given] of Object.entries(description.paths ?? {})) {
    if (path.startsWith('x-')) continue
    const item = resolved<PathItem>(given, description) ?? {}
    for (const method of methods) {
      const operation = item[method] as OperationDescription | undefined
      if (!operation) continue
      const tag = operation.tags?.[0] ?? 'api'
      if (tags && !tags.includes(tag)) continue
      // Tags that differ in what no name can have are one servlet.
      const servlet = servletName(tag)
      const places = byTag.get(servlet) ?? []
      byTag.set(servlet, places)
      const id = operation.operationId ?? `${method}${path}`
      places.push({
        name: camelCase(id.replace(new RegExp(`^${escaped(tag)}[/._-]`), '')),
        method: method.toUpperCase(),
        path,
        prefix,
        access,
        operation,
        shared: item.parameters ?? [],
      })
    }
  }
  const schemas: Record<string, JsonSchema> = {}
  for (const [name, schema] of Object.entries(
    (description.components?.schemas ?? {}) as Record<string, JsonSchema>,
  ))
    schemas[namesIn(description).get(name)!] = local(schema, description)
  const ambiguous = ambiguousPlaces([...byTag.values()].flat())
  return [...byTag].map(([name, places]) =>
    servletOf(`${namePrefix}${name}`, places, description, schemas, ambiguous, options.previous),
  )
}

/**
 * Operations whose routes are ambiguous with one before them, in whatever servlet: `/issues/events/{id}` and
 * `/issues/{number}/events` both match `/issues/events/events`, and neither is more specific.
 */
function ambiguousPlaces(places: readonly OperationPlace[]): Map<OperationPlace, string> {
  const kept: RoutePattern[] = []
  const found = new Map<OperationPlace, string>()
  for (const place of places) {
    const parsed = parseRoute(`${place.method} ${place.path}`)
    if (!parsed.ok) continue
    const rival = kept.find((each) => ambiguity(each, parsed.value) !== undefined)
    if (rival === undefined) kept.push(parsed.value)
    else
      found.set(
        place,
        `${ambiguity(rival, parsed.value)} would match ${rival.method} ${rival.path} too, and neither is more specific`,
      )
  }
  return found
}

function servletOf(
  name: string,
  places: readonly OperationPlace[],
  description: OpenApiDescription,
  schemas: Readonly<Record<string, JsonSchema>>,
  ambiguous: ReadonlyMap<OperationPlace, string>,
  previous: ReadonlyMap<string, InterfaceDocument> = new Map(),
): ImportedServlet {
  const writer = new ZodWriter(schemas)
  const losses: Loss[] = []
  const taken = new Set<string>()
  let endpoints = places.flatMap((place) => {
    const rival = ambiguous.get(place)
    if (rival !== undefined) {
      losses.push({ where: `${place.method} ${place.path}`, what: `no endpoint: ${rival}` })
      return []
    }
    let { name: endpointName } = place
    for (let count = 1; taken.has(endpointName.toLowerCase()); count++)
      endpointName = `${place.name}Again${count === 1 ? '' : count}`
    taken.add(endpointName.toLowerCase())
    const source = endpointSource({ ...place, name: endpointName }, description, writer, losses)
    return source ? [source] : []
  })
  const withoutGrpc = new Set<string>()
  for (let round = 0; ; round++) {
    const made = evaluated(name, endpoints, writer, withoutGrpc, previous.get(name))
    if (made.ok) {
      const { document } = made
      const id = identifier(name)
      return {
        name,
        id,
        contract: contractText(name, id, endpoints, writer, withoutGrpc),
        document,
        answers: answersOf(document),
        withoutGrpc: [...withoutGrpc].filter((each) => Object.hasOwn(document.endpoints, each)).sort(),
        losses: [...losses, ...writer.losses],
      }
    }
    for (const each of made.grpc) withoutGrpc.add(each)
    // One that is gone may have been in the way of another; of a few hundred that may be, nobody waits to know.
    for (const { endpoint: dropped, why } of made.impossible.slice(0, round < mostRounds ? 1 : undefined)) {
      losses.push({
        where: endpoints.find((each) => each.name === dropped)?.route ?? dropped,
        what: `no endpoint: ${why}`,
      })
      endpoints = endpoints.filter((each) => each.name !== dropped)
    }
  }
}

/** How often endpoints are taken out one by one. */
const mostRounds = 20

type Evaluated =
  | { ok: true; document: InterfaceDocument }
  | { ok: false; grpc: string[]; impossible: { endpoint: string; why: string }[] }

/** Runs the contract that was written, as the servlet will, and says which endpoints it refuses. */
function evaluated(
  name: string,
  endpoints: readonly EndpointSource[],
  writer: ZodWriter,
  withoutGrpc: ReadonlySet<string>,
  previous: InterfaceDocument | undefined,
): Evaluated {
  // Every text in it is a JSON literal and every name was made here, so it holds no code of the description.
  const body = `${sharedLines(writer, false).join('\n')}\nreturn { ${endpointLines(endpoints, withoutGrpc).join(',\n')} }`
  const made = new Function('z', 'endpoint', 'bytes', body)(z, endpoint, bytes) as Contract['endpoints']
  try {
    return { ok: true, document: interfaceOf(contract(name, made), previous && { previous }) }
  } catch (error) {
    const names = endpoints.map((each) => each.name)
    if (error instanceof ContractError) {
      const grpc = new Set<string>()
      const impossible = new Map<string, string>()
      for (const { path, message, remedy } of error.problems) {
        const at = path.split(/[.|[]/)[0]!
        if (remedy.includes('grpc: false') && !withoutGrpc.has(at)) grpc.add(at)
        else impossible.set(at, message)
      }
      return {
        ok: false,
        grpc: [...grpc],
        impossible: grpc.size > 0 ? [] : [...impossible].map(([endpoint, why]) => ({ endpoint, why })),
      }
    }
    // Names of protobuf messages clash: which endpoint is to blame cannot be told.
    if (error instanceof InterfaceError && names.some((each) => !withoutGrpc.has(each)))
      return { ok: false, grpc: names, impossible: [] }
    throw error
  }
}

function sharedLines(writer: ZodWriter, typed: boolean): string[] {
  return [...writer.shared].map(
    ([id, { source, isRecursive }]) =>
      `const ${id}${typed && isRecursive ? ': z.ZodType<unknown>' : ''} = ${source}`,
  )
}

function endpointLines(endpoints: readonly EndpointSource[], withoutGrpc: ReadonlySet<string>): string[] {
  return endpoints.map(({ name, lines }) => {
    const all = withoutGrpc.has(name) ? [...lines.slice(0, 2), 'grpc: false', ...lines.slice(2)] : lines
    return `  ${name}: endpoint({\n${all.map((line) => `    ${line},`).join('\n')}\n  })`
  })
}

function contractText(
  name: string,
  id: string,
  endpoints: readonly EndpointSource[],
  writer: ZodWriter,
  withoutGrpc: ReadonlySet<string>,
): string {
  const body = endpointLines(endpoints, withoutGrpc).join(',\n')
  const names = ['contract', 'endpoint', ...(body.includes('bytes({') ? ['bytes'] : [])].sort()
  const parts = [
    `import { ${names.join(', ')} } from '@atlas/contract'`,
    `import * as z from 'zod'`,
    '',
    ...sharedLines(writer, true).flatMap((line) => [line, '']),
    `export const ${id} = contract(${JSON.stringify(name)}, {`,
    `${body},`,
    '})',
    '',
  ]
  return parts.join('\n')
}

function answersOf({ endpoints, schemas = {} }: InterfaceDocument): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(endpoints).flatMap(([name, { output }]) => {
      if (!('schema' in output)) return []
      const value = minimal(output.schema, schemas)
      return value === undefined || refusal(value, output.schema, schemas) !== undefined
        ? []
        : [[name, value]]
    }),
  )
}

/** `list-for-repo`, `getContent` -> `listForRepo`, `getContent` */
function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const joined = words
    .map(
      (word, index) =>
        (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join('')
  const made = /^[a-z]/.test(joined) ? joined : `call${joined}`
  return made === 'then' || made in Object.prototype ? `${made}It` : made
}

function servletName(tag: string): string {
  const name = tag
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return /^[a-z]/.test(name) ? name : `api-${name}`.replace(/-$/, '')
}

/** The name of a contract in code; not one that the file has already. */
function identifier(name: string): string {
  return `${camelCase(name)}Contract`
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
