import type { Client, Transport } from '@atlas/client'
import { createClient } from '@atlas/client'
import { AtlasError, type Contract } from '@atlas/contract'
import type { Env } from '../context.ts'
import type { Logger } from '../logger.ts'
import type { LoadedMount, Mount } from '../mount/mount.ts'
import type { Servlet } from '../servlet.ts'
import { type EndpointRunner, endpointRunner } from './endpoint-runner.ts'

/** What the platform gives a servlet when it starts it. */
export interface InstanceOptions {
  /** How calls to another servlet travel. */
  readonly transportTo: (contract: Contract) => Transport
  readonly stores: Readonly<Record<string, unknown>>
  /** The manifest's configuration with the environment's overrides. */
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  readonly log: Logger
}

/** A mounted app that runs. */
export interface RunningMount extends Pick<Mount, 'access'> {
  readonly prefix: string
  readonly app: LoadedMount
}

/** A servlet that runs. */
export interface Instance {
  readonly name: string
  readonly contract: Contract
  readonly endpoints: ReadonlyMap<string, EndpointRunner>
  readonly mounts: readonly RunningMount[]
  /** Lets go of mounts and of what `setup` made. Calls must have ended. */
  close(): Promise<void>
}

/**
 * Starts a servlet: loads its mounts, runs `setup`, prepares every endpoint.
 *
 * @throws what `setup` or a mount throws; what was started before is closed again
 */
export async function startInstance(servlet: Servlet, options: InstanceOptions): Promise<Instance> {
  const { contract, definition } = servlet
  const { log } = options
  const calls: Record<string, Client<Contract>> = {}
  for (const [name, called] of Object.entries(definition.calls))
    calls[name] = createClient(called, options.transportTo(called))
  const env: Env = { calls, stores: options.stores, config: options.config, secrets: options.secrets, log }
  const closers: (() => unknown)[] = []
  const close = async () => {
    const errors: unknown[] = []
    for (const closer of closers.splice(0).reverse())
      try {
        await closer()
      } catch (error) {
        errors.push(error)
      }
    if (errors.length > 0)
      throw new AggregateError(errors, `servlet '${contract.name}' did not close cleanly`)
  }
  try {
    const made = await definition.setup?.(env)
    if (made?.close) closers.push(made.close)
    const mounts: RunningMount[] = []
    for (const [prefix, mount] of Object.entries(definition.mount)) {
      const app = await mount.load()
      closers.push(app.close)
      mounts.push({ prefix, access: mount.access, app })
    }
    const shared = { ...env, state: made?.value }
    const endpoints = new Map<string, EndpointRunner>()
    for (const [name, endpoint] of Object.entries(contract.endpoints))
      endpoints.set(
        name,
        endpointRunner(name, endpoint, definition, shared, (error) =>
          log.error(`${contract.name}.${name} failed`, { endpoint: name, error: error.cause ?? error }),
        ),
      )
    return { name: contract.name, contract, endpoints, mounts, close }
  } catch (error) {
    await close().catch((closing: unknown) => log.error('closing after a failed start', { error: closing }))
    throw error
  }
}

/** The runner of an endpoint. @throws AtlasError `unimplemented` where the running servlet does not have it */
export function runnerOf(instance: Instance, endpoint: string): EndpointRunner {
  const runner = instance.endpoints.get(endpoint)
  if (!runner) throw new AtlasError('unimplemented', `${instance.name} has no endpoint ${endpoint}`)
  return runner
}
