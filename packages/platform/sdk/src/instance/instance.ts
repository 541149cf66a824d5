import type { Client, Transport } from '@atlas/client'
import { createClient } from '@atlas/client'
import { AtlasError, type Contract } from '@atlas/contract'
import type { Env } from '../context.ts'
import type { Logger } from '../logger.ts'
import type { LoadedMount, Mount } from '../mount/mount.ts'
import type { Servlet } from '../servlet.ts'
import { outsideOfCalls } from './call-scope.ts'
import { closeInReverse } from './close-in-reverse.ts'
import { type EndpointRunner, endpointRunner } from './endpoint-runner.ts'

/** What the platform gives a servlet when it starts it. */
export interface InstanceOptions {
  /**
   * How calls to another servlet travel: an `inProcessTransport`, or one over a network wrapped in `inheritCall`, so that
   * calls never outlive the one being handled.
   */
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
  /**
   * Lets go of mounts and of what `setup` made, last first. Calls must have ended. Closing twice closes once.
   *
   * @throws AggregateError of what could not be closed, after everything else was
   */
  close(): Promise<void>
}

/**
 * Starts a servlet: runs `setup`, loads its mounts, prepares every endpoint.
 *
 * @throws what `setup` or a mount throws; what was started before is closed again
 */
export function startInstance(servlet: Servlet, options: InstanceOptions): Promise<Instance> {
  return outsideOfCalls(() => start(servlet, options))
}

async function start({ contract, definition }: Servlet, options: InstanceOptions): Promise<Instance> {
  const { stores, config, secrets, log } = options
  const calls: Record<string, Client<Contract>> = {}
  for (const [name, called] of Object.entries(definition.calls))
    calls[name] = createClient(called, options.transportTo(called))
  const env: Env = { calls, stores, config, secrets, log }
  const closers: (() => unknown)[] = []
  const close = closeInReverse(closers, `servlet '${contract.name}' did not close cleanly`)
  try {
    const made = await definition.setup?.(env)
    if (made?.close) closers.push(() => made.close?.())
    const mounts: RunningMount[] = []
    for (const [prefix, mount] of Object.entries(definition.mount)) {
      const app = await mount.load()
      closers.push(() => app.close())
      mounts.push({ prefix, access: mount.access, app })
    }
    const endpoints = new Map<string, EndpointRunner>()
    for (const [name, endpoint] of Object.entries(contract.endpoints))
      endpoints.set(
        name,
        endpointRunner(name, endpoint, definition, { env, value: made?.value }, (error) =>
          log.error(`${contract.name}.${name} failed`, { endpoint: name, error: error.cause ?? error }),
        ),
      )
    return {
      name: contract.name,
      contract,
      endpoints,
      mounts,
      close: () => outsideOfCalls(close),
    }
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
