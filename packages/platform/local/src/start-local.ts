import type { Contract } from '@atlas/contract'
import { createTelemetry, type RequestLog, serve, type Telemetry } from '@atlas/runtime'
import { type Instance, inProcessTransport, type Logger, startInstance } from '@atlas/sdk'
import { authenticatorOf } from './authenticator.ts'
import { missingRoutes, notRunning } from './missing-routes.ts'
import { planLocal, type Startable } from './plan.ts'
import { settingsOf } from './settings/settings.ts'
import { type OpenedStores, openStores } from './stores/open-stores.ts'
import { storeProvider } from './stores/store-provider.ts'

/** Options of {@link startLocal}. */
export interface LocalOptions {
  /** The root of the workspace. */
  readonly root: string
  /** @default 8080 */
  readonly port?: number
  /** @default 127.0.0.1, because this is not for others */
  readonly host?: string
  /** The file in `infra/environments` to go by. @default 'local' */
  readonly environment?: string
  /** Makes the log of a servlet. */
  readonly logOf: (servlet: string) => Logger
  readonly onRequest?: (entry: RequestLog) => void
  /** @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** How long a collector may take for what is left. */
const flushMs = 2000

/** The platform, running on this machine. */
export interface Local {
  readonly url: string
  readonly port: number
  /** Names of the servlets that answer. */
  readonly running: readonly string[]
  /** Servlets that do not, with the reason. */
  readonly broken: ReadonlyMap<string, string>
  /** Answers what came in, closes every servlet. Calls that take longer than `graceMs` are aborted. */
  close(options?: { graceMs?: number }): Promise<void>
}

/**
 * Starts every servlet of a workspace in this process, behind one port. A servlet that cannot start is left out and said
 * so; its routes answer `unavailable` with the reason.
 *
 * @throws Error when the port cannot be had
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { variables = process.env } = options
  // Before servlets are loaded, so that tracers they get of OpenTelemetry's API are ours.
  const telemetry = await createTelemetry({ environment: variables })
  try {
    return await startServlets(options, telemetry)
  } catch (error) {
    await telemetry.close(0)
    throw error
  }
}

async function startServlets(options: LocalOptions, telemetry: Telemetry): Promise<Local> {
  const {
    root,
    host = '127.0.0.1',
    port = 8080,
    environment = 'local',
    logOf,
    variables = process.env,
  } = options
  const plan = await planLocal(root, environment)
  const broken = new Map(plan.broken)
  const instances = new Map<string, Promise<Instance>>()
  const contracts = new Map<string, Contract>()

  const transportTo = (caller: string) => (contract: Contract) =>
    telemetry.observed(
      inProcessTransport(
        () => instances.get(contract.name) ?? Promise.reject(notRunning(contract.name, broken)),
        { caller },
      ),
      caller,
      'in_process',
    )
  const provider = storeProvider({ root, environment, servlets: plan.known, variables, logOf })
  const opened: OpenedStores[] = []
  const start = async ({ entry, servlet }: Startable): Promise<Instance> => {
    const { environment: policy } = plan
    const sources = { root, environmentName: environment, environment: policy, variables }
    const settings = await settingsOf(entry, sources)
    const log = logOf(entry.name)
    const stores = await openStores(await provider.plan(entry), { servlet: entry.name, log })
    opened.push(stores)
    return startInstance(servlet, {
      transportTo: transportTo(entry.name),
      stores: stores.stores,
      ...settings,
      log,
    })
  }
  const closeStores = async () => {
    await Promise.all(opened.map((each) => each.close()))
    await provider.close()
  }
  for (const startable of plan.servlets) {
    const { name } = startable.entry
    contracts.set(name, startable.servlet.contract)
    const starting = start(startable)
    instances.set(name, starting)
    starting.catch(() => {}) // awaited below; until then a failure is not unhandled
  }
  const running: Instance[] = []
  for (const [name, starting] of instances)
    try {
      running.push(await starting)
    } catch (error) {
      instances.delete(name)
      broken.set(name, error instanceof Error ? error.message : String(error))
      logOf(name).error('does not start', { error })
    }

  const authenticator = plan.environment?.authenticator
  try {
    const server = await serve({
      instances: () => running,
      documents: plan.documentOf,
      host,
      port,
      listener: 'public',
      telemetry,
      ...(authenticator && {
        authenticate: authenticatorOf(authenticator, (name) => contracts.get(name), transportTo('gateway')),
      }),
      ...(options.onRequest && { onRequest: options.onRequest }),
      state: missingRoutes(plan.known, broken),
    })
    return {
      url: server.url,
      port: server.port,
      running: running.map(({ name }) => name),
      broken,
      close: async (closing) => {
        await server.close(closing)
        await closeAll(running, logOf)
        await closeStores()
        // Last, because everything before it is still told of.
        await telemetry.close(flushMs)
      },
    }
  } catch (error) {
    await closeAll(running, logOf)
    await closeStores()
    throw error
  }
}

async function closeAll(running: readonly Instance[], logOf: LocalOptions['logOf']): Promise<void> {
  await Promise.all(
    running.map((instance) =>
      instance
        .close()
        .catch((error: unknown) => logOf(instance.name).error('did not close cleanly', { error })),
    ),
  )
}
