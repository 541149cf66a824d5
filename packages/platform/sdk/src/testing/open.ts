import { type Client, createClient, type Transport } from '@atlas/client'
import { AtlasError, type Contract } from '@atlas/contract'
import type { ConfigOf, SecretsOf } from '../context.ts'
import { inProcessTransport } from '../instance/in-process.ts'
import { type Instance, startInstance } from '../instance/instance.ts'
import { type Logger, silent } from '../logger.ts'
import { type Handlers, servlet as implement, type Servlet } from '../servlet.ts'
import type { StoresOf } from '../stores/stores.ts'
import { memoryBlobs } from './memory-blobs.ts'

/** Stands in for a called servlet: handlers for the endpoints that the test reaches, or the servlet itself. */
export type Fake<C extends Contract> = Partial<Handlers<C>> | Servlet<C, any, any, any>

/** Fakes of all contracts that a servlet calls. */
export type Fakes<K> = { readonly [N in keyof K]: K[N] extends Contract ? Fake<K[N]> : never }

/** What `open` takes besides the servlet. */
export interface OpenDetails<M, U> {
  /** @default memory stores */
  readonly stores?: Partial<StoresOf<M>>
  /** @default the manifest's defaults; what is given replaces single values */
  readonly config?: Partial<ConfigOf<M>>
  /** Who is signed in. @default nobody */
  readonly user?: U
  /** The servlet that calls. @default somebody outside, whom internal endpoints answer all the same */
  readonly caller?: string
  /** @default silent */
  readonly log?: Logger
}

type Required<Key extends string, T> = {} extends T ? { readonly [K in Key]?: T } : { readonly [K in Key]: T }

/** Calls and secrets must be given where the servlet has any. */
export type OpenOptions<M, K, U> = OpenDetails<M, U> &
  Required<'calls', Fakes<K>> &
  Required<'secrets', SecretsOf<M>>

type OpenArguments<Options> = {} extends Options ? [options?: Options] : [options: Options]

/** A servlet opened for a test: its client, which can be disposed of. */
export type Opened<C extends Contract> = Client<C> & AsyncDisposable

/**
 * Starts a servlet inside a test and returns its client: `await open(greeter).greet({ name: 'ada' })`. Calls go through
 * validation, access and middleware as they do in production. `await using client = open(...)` closes it.
 *
 * Starting happens on the first call, so that errors of `setup` are errors of that call.
 */
export function open<C extends Contract, M, K, U>(
  servlet: Servlet<C, M, K, U>,
  ...[options]: OpenArguments<OpenOptions<M, K, U>>
): Opened<C> {
  const given: OpenDetails<M, U> & { calls?: object; secrets?: object } = options ?? {}
  const { manifest } = servlet.definition
  const log = given.log ?? silent
  let starting: Promise<Instance> | undefined
  const start = () => {
    starting ??= startInstance(servlet as Servlet, {
      transportTo: (contract) =>
        fakeTransport(contract, servlet.contract.name, given.calls, servlet.definition.calls),
      stores: { ...storesOf(manifest?.stores), ...given.stores },
      config: { ...manifest?.config, ...given.config },
      secrets: { ...given.secrets },
      log,
    })
    return starting
  }
  const client = createClient(
    servlet.contract,
    inProcessTransport(start, { caller: given.caller, user: given.user }),
  )
  const close = async () => (await starting)?.close()
  return Object.freeze({ ...client, [Symbol.asyncDispose]: close }) as Opened<C>
}

function fakeTransport(
  contract: Contract,
  caller: string,
  fakes: object = {},
  calls: Readonly<Record<string, Contract>>,
): Transport {
  const [key = contract.name] = Object.entries(calls).find(([, called]) => called === contract) ?? []
  const fake = (fakes as Record<string, Record<string, unknown> | undefined>)[key]
  const implementation = isServlet(fake) ? fake : servletOf(contract, fake ?? {})
  let starting: Promise<Instance> | undefined
  const start = () => {
    starting ??= startInstance(implementation, {
      transportTo: (called) => fakeTransport(called, contract.name, {}, {}),
      stores: storesOf(implementation.definition.manifest?.stores),
      config: { ...implementation.definition.manifest?.config },
      secrets: {},
      log: silent,
    })
    return starting
  }
  return inProcessTransport(start, { caller })
}

/** A servlet of the fakes given. An endpoint without one says so when it is called. */
function servletOf(contract: Contract, fake: Record<string, unknown>): Servlet {
  const handlers: Record<string, unknown> = {}
  for (const name of Object.keys(contract.endpoints))
    handlers[name] =
      fake[name] ??
      (() => {
        throw new AtlasError(
          'unimplemented',
          `open() was given no fake for ${contract.name}.${name}; add it to 'calls'`,
        )
      })
  return implement(contract, handlers as never)
}

function isServlet(value: unknown): value is Servlet {
  return typeof value === 'object' && value !== null && 'definition' in value && 'contract' in value
}

function storesOf(declared: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.keys(declared).map((name) => [name, memoryBlobs()]))
}
