import { isDeepStrictEqual } from 'node:util'
import { refusingTransport, undeclaredCall } from '@atlas/client'
import type { Contract } from '@atlas/contract'
import { serve } from '@atlas/runtime'
import { type Instance, inProcessTransport, type Logger, type Servlet, startInstance } from '@atlas/sdk'
import { authenticatorOf } from '../authenticator.ts'
import { beginWith, goOnWith } from '../environment-file.ts'
import { callsTogether } from '../fleet/calls-together.ts'
import type { Placed } from '../gateway/status.ts'
import { missingRoutes, notRunning } from '../missing-routes.ts'
import { type LocalPlan, planLocal, type Startable } from '../plan.ts'
import { type Prepared, prepare, type Surroundings } from '../prepare.ts'
import type { Changes } from '../reload/changes.ts'
import { ModuleGraph } from '../reload/module-graph.ts'
import { type OpenedStores, openStores } from '../stores/open-stores.ts'
import type { StorePlans } from '../stores/store-plan.ts'
import { type CountedInstance, countedInstance } from './counted-instance.ts'
import type { PlacementOptions, RunningPlacement } from './placement.ts'

/** How long an instance that was replaced may take to finish what runs in it. */
const drainMs = 30_000

/** Who asks the authenticator. */
const gateway = 'gateway'

/** A servlet that runs here, and what it was started from: where nothing of that changes, it stays. */
interface Running {
  readonly instance: CountedInstance
  readonly servlet: Servlet
  readonly entry: Startable['entry']
  readonly prepared: Prepared
}

/**
 * Runs all servlets in this process: calls between them are function calls, and a change of one starts its new code beside
 * the old, which finishes what it has begun.
 */
export async function startMerged(options: PlacementOptions): Promise<RunningPlacement> {
  const { root, environment, log, telemetry } = options
  const graph = new ModuleGraph(root)
  graph.install()
  let plan: LocalPlan = await planLocal(root, environment)
  const note = (message: string) => log.note(message)
  beginWith(plan, note)
  const running = new Map<string, Running>()
  /** Those that start, so that whoever calls them meanwhile waits. */
  const starting = new Map<string, Promise<Instance>>()
  const broken = new Map(plan.broken)
  /** Stores stay open while their servlet's code changes. */
  const stores = new Map<string, { readonly plans: StorePlans; readonly opened: OpenedStores }>()
  const outdated: OpenedStores[] = []

  const instanceOf = (name: string): Instance | Promise<Instance> =>
    running.get(name)?.instance ?? starting.get(name) ?? Promise.reject(notRunning(name, broken))
  const transportTo = (caller: string) => (contract: Contract) =>
    telemetry.observed(
      inProcessTransport(() => instanceOf(contract.name), { caller }),
      // The gateway has no spans of its own, in no placement.
      caller === gateway ? '' : caller,
      'in_process',
    )

  async function open(name: string, plans: StorePlans, log: Logger): Promise<OpenedStores['stores']> {
    const known = stores.get(name)
    if (known && isDeepStrictEqual(known.plans, plans)) return known.opened.stores
    const opened = await openStores(plans, { servlet: name, log })
    // Those of before are in use by what runs still, and closed with everything else.
    if (known) outdated.push(known.opened)
    stores.set(name, { plans, opened })
    return opened.stores
  }

  async function start({ entry, servlet }: Startable, prepared: Prepared): Promise<Running> {
    telemetry.metrics.servlet(entry.name, entry.version)
    const logger = log.logger(entry.name, telemetry.logger(entry.name))
    const instance = await startInstance(servlet, {
      transportTo: (contract) =>
        entry.dependsOn.includes(contract.name)
          ? transportTo(entry.name)(contract)
          : refusingTransport(() => undeclaredCall(entry.name, contract.name)),
      stores: await open(entry.name, prepared.stores, logger),
      ...prepared.settings,
      log: logger,
    })
    return { instance: countedInstance(instance), servlet, entry, prepared }
  }

  const provider = options.stores(plan.known)
  const surroundings = (): Surroundings => ({
    ...options,
    environmentName: environment,
    environment: plan.environment,
    provider,
  })

  await Promise.all(
    plan.servlets.map(async (startable) => {
      const { name } = startable.entry
      const begun = prepare(startable.entry, surroundings()).then((prepared) => start(startable, prepared))
      const instance = begun.then(({ instance }) => instance)
      instance.catch(() => {}) // told below
      starting.set(name, instance)
      try {
        running.set(name, await begun)
      } catch (error) {
        broken.set(name, messageOf(error))
      } finally {
        starting.delete(name)
      }
    }),
  )

  const placed = (): Placed[] => [
    ...[...running.keys()].map((name) => ({
      name,
      state: telemetry.traffic().get(name)?.overloaded ? ('overloaded' as const) : ('running' as const),
      pid: process.pid,
    })),
    ...[...broken].map(([name, reason]) => ({ name, state: 'broken' as const, reason, pid: undefined })),
  ]
  const closeAll = async () => {
    await Promise.all(
      [...running].map(([name, { instance }]) =>
        instance
          .close()
          .catch((error: unknown) => log.say(name, 'error', `did not close cleanly: ${messageOf(error)}`)),
      ),
    )
    for (const opened of [...[...stores.values()].map(({ opened }) => opened), ...outdated])
      await opened.close()
    await provider.close()
  }

  const { authenticator } = plan.environment ?? {}
  const server = await serve({
    instances: () => [...running.values()].map(({ instance }) => instance),
    documents: (name) => plan.documentOf(name),
    host: options.host,
    port: options.port,
    listener: 'public',
    edge: plan.environment,
    telemetry,
    ...(authenticator && {
      authenticate: authenticatorOf(
        authenticator,
        (name) => running.get(name)?.servlet.contract,
        transportTo(gateway),
      ),
    }),
    onRequest: (entry) => log.request(entry),
    pages: options.pages(placed, async () => callsTogether(telemetry.metrics.calls())),
    state: (path) => missingRoutes(plan.known, broken)(path),
  }).catch(async (error) => {
    await closeAll()
    throw error
  })
  for (const [name, reason] of broken) log.say(name, 'error', `is not running: ${reason}`)

  /** Starts the new code of a servlet, puts it in the place of the old, and lets the old finish. */
  async function replace(startable: Startable, changed: boolean): Promise<void> {
    const { name } = startable.entry
    const old = running.get(name)
    try {
      const prepared = await prepare(startable.entry, surroundings())
      const same =
        old?.servlet === startable.servlet &&
        isDeepStrictEqual(old.prepared, prepared) &&
        isDeepStrictEqual(old.entry, startable.entry)
      if (same && !changed) return
      const began = performance.now()
      const fresh = await start(startable, prepared)
      running.set(name, fresh)
      broken.delete(name)
      try {
        server.refresh()
      } catch (error) {
        if (old) running.set(name, old)
        else running.delete(name)
        await fresh.instance.close()
        throw error
      }
      retire(name, old)
      log.say(name, 'info', `${old ? 'reloaded' : 'started'} in ${Math.round(performance.now() - began)} ms`)
    } catch (error) {
      report(name, messageOf(error))
    }
  }

  function retire(name: string, old: Running | undefined): void {
    old?.instance
      .retire(() => running.get(name)?.instance, drainMs)
      .catch((error: unknown) => log.say(name, 'error', `did not close cleanly: ${messageOf(error)}`))
  }

  /** What is wrong is said once, and again only when it is something else. */
  function report(name: string, reason: string): void {
    if (running.has(name)) log.say(name, 'error', `is not reloaded, and runs as before: ${reason}`)
    else {
      if (broken.get(name) !== reason) log.say(name, 'error', `is not running: ${reason}`)
      broken.set(name, reason)
    }
  }

  async function changed({ files, workspace }: Changes): Promise<void> {
    const stale = graph.invalidate(files)
    const touched = (dir: string) => files.some((file) => file.startsWith(`${dir}/`))
    const before = plan
    const known = [...before.known]
    const matter =
      workspace ||
      [...stale].some((file) => file.endsWith('/src/servlet.ts')) ||
      known.some(({ name, dir }) => broken.has(name) && touched(dir)) ||
      files.some((file) => file.endsWith('/src/servlet.ts') || file.endsWith('.sql'))
    if (!matter) return
    const read = await planLocal(root, environment)
    plan = { ...read, ...goOnWith(plan, read, environment, note) }
    for (const [name, reason] of plan.broken) report(name, reason)
    for (const startable of plan.servlets) {
      const { dir } = startable.entry
      await replace(startable, stale.has(`${dir}/src/servlet.ts`))
    }
    const there = new Set([...plan.servlets.map(({ entry }) => entry.name), ...plan.broken.keys()])
    for (const [name, old] of running) {
      if (there.has(name)) continue
      running.delete(name)
      server.refresh()
      retire(name, old)
      log.say(name, 'info', 'is gone')
    }
    for (const name of broken.keys()) if (!there.has(name)) broken.delete(name)
  }

  return {
    url: server.url,
    port: server.port,
    get running() {
      return [...running.keys()].sort()
    },
    broken,
    described: 'merged in one process',
    changed,
    close: async (graceMs) => {
      await server.close({ graceMs })
      await closeAll()
      graph.uninstall()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
