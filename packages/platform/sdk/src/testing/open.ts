import { type Client, createClient } from '@atlas/client'
import type { Contract } from '@atlas/contract'
import type { ConfigOf, SecretsOf } from '../context.ts'
import { closeInReverse } from '../instance/close-in-reverse.ts'
import { inProcessTransport } from '../instance/in-process.ts'
import { startInstance } from '../instance/instance.ts'
import { type Logger, silent } from '../logger.ts'
import type { Handlers, Servlet } from '../servlet.ts'
import type { StoresOf } from '../stores/stores.ts'
import { fakesOf } from './fakes.ts'
import { missingFakeIn } from './missing-fake.ts'
import { startedOnce } from './started-once.ts'
import { storesOf } from './stores-of.ts'

/** Stands in for a called servlet: handlers for the endpoints that the test reaches, or the servlet itself. */
export type Fake<C extends Contract> = Partial<Handlers<C>> | Servlet<C, any, any, any>

/** Fakes of all contracts that a servlet calls. */
export type Fakes<K> = { readonly [N in keyof K]: K[N] extends Contract ? Fake<K[N]> : never }

/** What `open` takes besides the servlet. */
export interface OpenDetails<M, U> {
  /** @default blobs in memory, and for each Postgres store a fresh database with the servlet's migrations */
  readonly stores?: Partial<StoresOf<M>>
  /** @default the manifest's defaults; what is given replaces single values */
  readonly config?: Partial<ConfigOf<M>>
  /** Who is signed in. @default nobody */
  readonly user?: U
  /** The servlet that calls. @default somebody outside, whom internal endpoints answer all the same */
  readonly caller?: string
  /** @default silent */
  readonly log?: Logger
  /** The servlet's folder, where its migrations are. @default found by its name in the workspace around us */
  readonly folder?: string
}

type RequiredWhereAny<Key extends string, T> = {} extends T
  ? { readonly [K in Key]?: T }
  : { readonly [K in Key]: T }

/** Calls and secrets must be given where the servlet has any. */
export type OpenOptions<M, K, U> = OpenDetails<M, U> &
  RequiredWhereAny<'calls', Fakes<K>> &
  RequiredWhereAny<'secrets', SecretsOf<M>>

/** Nothing, where a servlet can be opened as it is; else a sentence that the type checker prints. */
type OpensAlone<Options> = {} extends Options
  ? unknown
  : 'open() needs a second argument for this servlet: { calls } with a fake of each contract that it calls, { secrets } where it has any'

/** A servlet opened for a test: its client, which can be disposed of. */
export type Opened<C extends Contract> = Client<C> & AsyncDisposable

/**
 * Starts a servlet inside a test and returns its client: `await open(greeter).greet({ name: 'ada' })`. Calls go through
 * validation, access and middleware as they do in production, and fakes answer what their contracts allow. Errors carry as
 * their cause what callers in production never see. `await using client = open(...)` closes the servlet.
 *
 * Starting happens on the first call, so that errors of `setup` are errors of that call.
 */
export function open<C extends Contract, M, K, U>(
  servlet: Servlet<C, M, K, U> & OpensAlone<OpenOptions<M, K, U>>,
): Opened<C>
export function open<C extends Contract, M, K, U>(
  servlet: Servlet<C, M, K, U>,
  options: OpenOptions<M, K, U>,
): Opened<C>
export function open<C extends Contract>(
  servlet: Servlet<C>,
  given: OpenDetails<{}, unknown> & { readonly calls?: object; readonly secrets?: object } = {},
): Opened<C> {
  const { contract, definition } = servlet
  const closers: (() => Promise<void>)[] = []
  const start = startedOnce(
    async () =>
      startInstance(servlet, {
        transportTo: fakesOf(definition.calls, given.calls, closers, contract.name),
        stores: await storesOf(
          servlet,
          { folder: given.folder, given: given.stores, log: given.log ?? silent },
          closers,
        ),
        config: { ...definition.manifest?.config, ...given.config },
        secrets: { ...given.secrets },
        log: given.log ?? silent,
      }),
    closers,
  )
  const transport = inProcessTransport(start, { caller: given.caller, user: given.user, causes: true })
  const client = createClient(contract, {
    async unary(request) {
      await start()
      return transport.unary(request).catch((error: unknown) => {
        throw missingFakeIn(error) ?? error
      })
    },
    async *stream(request) {
      await start()
      try {
        yield* transport.stream(request)
      } catch (error) {
        throw missingFakeIn(error) ?? error
      }
    },
  })
  const close = closeInReverse(closers, `servlet '${contract.name}' did not close cleanly`)
  return Object.freeze({ ...client, [Symbol.asyncDispose]: close }) as Opened<C>
}
