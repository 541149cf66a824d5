/** What is type-checked: contracts and handlers on Atlas, the same schemas with plain functions, or the schemas alone. */
export type Flavour = 'atlas' | 'plain handlers' | 'zod alone'

/** How much to generate. */
export interface Size {
  readonly servlets: number
  /** Resources of each servlet; each has five endpoints. */
  readonly resources: number
}

/** Endpoints of each resource. */
export const endpointsOfResource = 5

/** One endpoint as text, so that every flavour is made of the very same schemas and the same work. */
interface EndpointText {
  readonly name: string
  readonly route: string
  readonly access: string
  readonly input: string
  /** A schema; a page of it when `paged`. */
  readonly output: string
  readonly paged?: boolean
  readonly errors: Readonly<Record<string, { code: string; shape: string }>>
  /** The body of the handler; `call` and `fail` are written as the flavour has it. */
  readonly body: (write: Writer) => string
}

interface Writer {
  /** An awaited call of another servlet that keeps its errors as values. */
  call(endpoint: string, input: string): string
  /** An expression that makes a typed error. */
  fail(kind: string, data: string): string
}

/**
 * Files of a product, by path: servlets with a contract and an implementation each, every one of them calling the one before.
 * Only the flavour differs; the same size gives the same text.
 */
export function generate(size: Size, flavour: Flavour): Map<string, string> {
  const files = new Map<string, string>()
  for (let index = 0; index < size.servlets; index++) {
    const contractFile = `s${index}/src/contract.ts`
    const servletFile = `s${index}/src/servlet.ts`
    const endpoints = range(size.resources).flatMap((resource) => endpointsOf(index, resource))
    const schemas = range(size.resources).map((resource) => schemasOf(index, resource))
    if (flavour === 'atlas') {
      files.set(contractFile, atlasContract(index, schemas, endpoints))
      files.set(servletFile, atlasServlet(index, endpoints))
      files.set(
        `s${index}/servlet.json`,
        `${JSON.stringify({ owner: 'web', config: { pageSize: 50, region: 'eu' } })}\n`,
      )
    } else {
      files.set(contractFile, zodSchemas(schemas, endpoints))
      if (flavour === 'plain handlers') files.set(servletFile, plainHandlers(index, endpoints))
    }
  }
  return files
}

/** The shared schemas of a resource; what varies with the numbers keeps the type-checker from reusing one type for all. */
function schemasOf(servlet: number, resource: number): string {
  const id = `${servlet}x${resource}`
  return `export const Address${id} = z.object({
  street: z.string().min(1).max(200),
  city: z.string(),
  zip${id}: z.string().max(12).optional(),
  country: z.enum(['de', 'fr', 'pl', 'us']),
})
export const Item${id} = z.object({
  id: z.uuid(),
  name: z.string().min(1).max(200),
  state: z.enum(['draft', 'active', 'archived${id}']),
  labels: z.array(z.string()),
  address: Address${id},
  price: z.object({ cents${id}: z.int().min(0), currency: z.string().length(3) }),
  createdAt: z.iso.datetime(),
})`
}

function endpointsOf(servlet: number, resource: number): EndpointText[] {
  const id = `${servlet}x${resource}`
  const path = `/s${servlet}/items${resource}`
  const item = (name: string): string => `{
      id,
      name: ${name},
      state: 'active' as const,
      labels: [],
      address: { street: 'Long Road 1', city: ctx.config.region, country: 'de' as const },
      price: { cents${id}: 100, currency: 'eur' },
      createdAt: new Date().toISOString(),
    }`
  return [
    {
      name: `get${id}`,
      route: `GET ${path}/{id}`,
      access: 'user',
      input: `z.object({ id: z.uuid(), at: z.iso.datetime().optional(), expand${id}: z.boolean().default(false) })`,
      output: `Item${id}`,
      errors: { missing: { code: 'not_found', shape: 'id: z.uuid()' } },
      body: ({ fail }) => `const { id, expand${id} } = input
    if (expand${id} && input.at === undefined) throw ${fail('missing', '{ id }')}
    return ${item(`'item'`)}`,
    },
    {
      name: `list${id}`,
      route: `GET ${path}`,
      access: 'user',
      input: `z.object({
    state: z.enum(['draft', 'active', 'archived${id}']).optional(),
    label${id}: z.string().optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(1000).default(100),
  })`,
      output: `Item${id}`,
      paged: true,
      errors: {},
      body: () => `const id = crypto.randomUUID()
    const count = Math.min(input.limit, ctx.config.pageSize)
    const found = ${item(`input.label${id} ?? 'item'`)}
    return { items: Array.from({ length: count }, () => found), next: input.cursor }`,
    },
    {
      name: `create${id}`,
      route: `POST ${path}`,
      access: 'user',
      input: `z.object({
    name: z.string().min(1).max(200),
    labels: z.array(z.string()).max(20).default([]),
    address: Address${id},
    price: z.object({ cents${id}: z.int().min(0), currency: z.string().length(3) }),
    parent: z.uuid(),
    note${id}: z.string().max(2000).optional(),
  })`,
      output: `z.object({ item: Item${id}, parent: z.object({ id: z.uuid(), name: z.string() }) })`,
      errors: {
        full: { code: 'resource_exhausted', shape: 'quota: z.int()' },
        orphan: { code: 'failed_precondition', shape: `parent: z.uuid(), reason${id}: z.string()` },
      },
      body: ({ call, fail }) => `const id = crypto.randomUUID()
    if (input.labels.length > ctx.config.pageSize) throw ${fail('full', '{ quota: ctx.config.pageSize }')}
    const parent = ${call(`get`, '{ id: input.parent }')}
    if (!parent.ok) throw ${fail('orphan', `{ parent: parent.error.data.id, reason${id}: parent.error.kind }`)}
    return {
      item: { ...${item('input.name')}, address: input.address, price: input.price, labels: input.labels },
      parent: { id: parent.value.id, name: parent.value.name },
    }`,
    },
    {
      name: `update${id}`,
      route: `PATCH ${path}/{id}`,
      access: 'user',
      input: `z.object({
    id: z.uuid(),
    name: z.string().min(1).optional(),
    state: z.enum(['draft', 'active', 'archived${id}']).optional(),
    address: Address${id}.optional(),
  })`,
      output: `Item${id}`,
      errors: {
        missing: { code: 'not_found', shape: 'id: z.uuid()' },
        changed: { code: 'aborted', shape: `by${id}: z.string(), at: z.iso.datetime()` },
      },
      body: ({ fail }) => `const { id } = input
    if (input.name === '') throw ${fail('missing', '{ id }')}
    if (input.state === 'draft') throw ${fail('changed', `{ by${id}: 'ada', at: new Date().toISOString() }`)}
    const before = ${item(`input.name ?? 'item'`)}
    return { ...before, state: input.state ?? before.state, address: input.address ?? before.address }`,
    },
    {
      name: `archive${id}`,
      route: `POST ${path}/{id}/archive`,
      access: 'internal',
      input: `z.object({ id: z.uuid(), reason: z.string().max(500), force${id}: z.boolean().default(false) })`,
      output: `z.object({ archived: z.array(z.object({ id${id}: z.uuid(), size: z.int() })), total: z.int() })`,
      errors: { busy: { code: 'unavailable', shape: 'retryAfterSeconds: z.int()' } },
      body: ({ call, fail }) => `const linked = ${call('list', '{ limit: 10 }')}
    if (!linked.ok) throw ${fail('busy', '{ retryAfterSeconds: 1 }')}
    if (!input.force${id}) throw ${fail('busy', '{ retryAfterSeconds: input.reason.length }')}
    return {
      archived: linked.value.items.map(({ id, name }) => ({ id${id}: id, size: name.length })),
      total: linked.value.items.length,
    }`,
    },
  ]
}

function atlasContract(servlet: number, schemas: string[], endpoints: EndpointText[]): string {
  const entries = endpoints.map(({ name, route, access, input, output, paged, errors }) => {
    const kinds = Object.entries(errors).map(
      ([kind, { code, shape }]) => `${kind}: error('${code}', { ${shape} })`,
    )
    return `  ${name}: endpoint({
    route: '${route}',
    access: '${access}',
    input: ${input},
    output: ${paged ? `page(${output})` : output},
    ${kinds.length > 0 ? `errors: { ${kinds.join(', ')} },` : ''}
  }),`
  })
  return `import { contract, endpoint, error, page } from '@atlas/contract'
import * as z from 'zod'

${schemas.join('\n')}
export const s${servlet} = contract('s${servlet}', {
${entries.join('\n')}
})
`
}

function atlasServlet(servlet: number, endpoints: EndpointText[]): string {
  const callee = calleeOf(servlet)
  const writer = (): Writer => ({
    call: (verb, input) => `await ctx.calls.s${callee}.${verb}${callee}x0.result(${input})`,
    fail: (kind, data) => `ctx.errors.${kind}(${data})`,
  })
  const handlers = endpoints.map(
    ({ name, body }) => `  ${name}: async (input, ctx) => {
    ${body(writer())}
  },`,
  )
  return `import { servlet } from '@atlas/sdk'
import manifest from '../servlet.json' with { type: 'json' }
${callee === servlet ? '' : `import { s${callee} } from '../../s${callee}/src/contract.ts'\n`}import { s${servlet} } from './contract.ts'

export default servlet(s${servlet}, { manifest, calls: { s${callee} } }, {
${handlers.join('\n')}
})
`
}

function zodSchemas(schemas: string[], endpoints: EndpointText[]): string {
  const consts = endpoints.flatMap(({ name, input, output, paged, errors }) => [
    `export const ${name}Input = ${input}`,
    `export const ${name}Output = ${
      paged ? `z.object({ items: z.array(${output}), next: z.string().optional() })` : output
    }`,
    ...Object.entries(errors).map(
      ([kind, { shape }]) => `export const ${name}Error${kind} = z.object({ ${shape} })`,
    ),
  ])
  return `import * as z from 'zod'

${schemas.join('\n')}
${consts.join('\n')}
`
}

function plainHandlers(servlet: number, endpoints: EndpointText[]): string {
  const callee = calleeOf(servlet)
  const functions = endpoints.map(({ name, body, errors }) => {
    const writer: Writer = {
      call: (verb, input) => `await calls.${verb}${callee}x0(${input})`,
      fail: (kind, data) =>
        `new Failure<'${kind}', z.output<typeof own.${name}Error${kind}>>('${kind}', ${data})`,
    }
    void errors
    return `export async function ${name}(input: z.output<typeof own.${name}Input>, ctx: Context, calls: Calls): Promise<z.input<typeof own.${name}Output>> {
    ${body(writer)}
}`
  })
  return `import type * as z from 'zod'
import type * as other from '../../s${callee}/src/contract.ts'
import type * as own from './contract.ts'

class Failure<K extends string, D> extends Error {
  readonly kind: K
  readonly data: D
  constructor(kind: K, data: D) {
    super(kind)
    this.kind = kind
    this.data = data
  }
}
type Result<T, E> = { ok: true; value: T } | { ok: false; error: E }
interface Context { config: { pageSize: number; region: string } }
interface Calls {
  get${callee}x0(input: z.input<typeof other.get${callee}x0Input>): Promise<Result<z.output<typeof other.get${callee}x0Output>, Failure<'missing', z.output<typeof other.get${callee}x0Errormissing>>>>
  list${callee}x0(input: z.input<typeof other.list${callee}x0Input>): Promise<Result<z.output<typeof other.list${callee}x0Output>, never>>
}

${functions.join('\n')}
`
}

/** The first servlet has none before it and calls itself. */
function calleeOf(servlet: number): number {
  return Math.max(0, servlet - 1)
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}
