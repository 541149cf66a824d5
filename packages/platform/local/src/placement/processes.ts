import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { CatalogServlet } from '@atlas/manifest'
import { type GatewayServlet, type Server, serveGateway } from '@atlas/runtime'
import { beginWith, goOnWith } from '../environment-file.ts'
import { Fleet } from '../fleet/fleet.ts'
import type { Ready } from '../fleet/host-process.ts'
import { defaultFleetLimits } from '../fleet/limits.ts'
import type { Unit } from '../fleet/unit.ts'
import { documentAuthenticator } from '../gateway/document-authenticator.ts'
import type { Placed } from '../gateway/status.ts'
import type { HostJob } from '../host/messages.ts'
import { createCallTokens } from '../identity/call-tokens.ts'
import { missingRoutes } from '../missing-routes.ts'
import { prepare } from '../prepare.ts'
import type { Changes } from '../reload/changes.ts'
import { runFolder } from '../run-folder.ts'
import { type DocumentPlan, documentPlan } from './document-plan.ts'
import type { PlacementOptions, RunningPlacement } from './placement.ts'

/** By how much the code must be younger than its document to be believed first. Files of one checkout differ by less. */
const staleMs = 10_000

/**
 * Runs servlets in processes of their own, or in groups that share one. This process is the gateway in front of them and
 * loads no product code: a servlet is started by its first request.
 */
export async function startProcesses(options: PlacementOptions, grouped: boolean): Promise<RunningPlacement> {
  const { root, environment, log, telemetry, state } = options
  const limits = { ...defaultFleetLimits(), ...options.limits }
  const outlines = new Map<string, object>()
  let plan: DocumentPlan = await documentPlan(root, environment, outlines)
  const note = (message: string) => log.note(message)
  beginWith(plan, note)
  const provider = options.stores(plan.known)
  const tokens = await createCallTokens()
  const run = runFolder(state)
  const internal = join(run.path, 'gateway.sock')
  const servers: Server[] = []
  let sockets = 0
  let learning: Promise<void> = Promise.resolve()

  const entryOf = (name: string) => plan.servlets.find((entry) => entry.name === name)
  const fleet = new Fleet({
    limits,
    cwd: root,
    variables: options.variables,
    cache: join(root, '.atlas', 'cache'),
    jobOf,
    token: async (caller, callee) =>
      entryOf(caller)?.dependsOn.includes(callee) ? tokens.issue(caller, callee) : undefined,
    ready: (_unit, ready) => {
      learning = learning.then(() => learn(ready)).catch((error: Error) => log.note(error.message))
    },
    line: (unit, line, stream) => log.line(unit.name, line, stream),
    say: (name, level, message) => log.say(name, level, message),
    note,
  })

  async function jobOf(unit: Unit): Promise<HostJob> {
    const surroundings = { ...options, environmentName: environment, environment: plan.environment, provider }
    const servlets = await Promise.all(
      unit.servlets.map(async (name) => {
        const entry = entryOf(name)
        if (!entry) throw new Error(plan.broken.get(name) ?? 'it is gone')
        return { entry, prepared: await prepare(entry, surroundings) }
      }),
    )
    return { root, socket: join(run.path, `${sockets++}.sock`), gateway: internal, servlets }
  }

  /** While somebody writes a servlet its code is ahead of its document: routes are what the code says. */
  async function learn({ outlines: ready }: Ready): Promise<void> {
    let news = false
    for (const { name, outline } of ready) {
      const entry = entryOf(name)
      if (!entry || sameRoutes(entry, outline as Outline)) continue
      outlines.set(name, outline)
      news = true
    }
    if (news) await replan()
  }

  /** Reads the workspace again, and places what came and takes away what is gone. */
  async function replan(): Promise<void> {
    const read = await documentPlan(root, environment, outlines)
    plan = { ...read, ...goOnWith(plan, read, environment, note) }
    place()
    for (const server of servers) server.refresh()
  }

  function place(): void {
    for (const { name, version } of plan.servlets) telemetry.metrics.servlet(name, version)
    const groups = new Map<string, string[]>()
    const groupOf = new Map(
      grouped
        ? Object.entries(plan.environment?.groups ?? {}).flatMap(([group, names]) =>
            names.map((name) => [name, group] as const),
          )
        : [],
    )
    for (const { name } of plan.servlets) {
      const group = groupOf.get(name) ?? name
      // A group may be called as a servlet that is not in it; no servlet has a space in its name.
      const borrowed = group !== name && entryOf(group) && groupOf.get(group) !== group
      const unit = borrowed ? `group ${group}` : group
      groups.set(unit, [...(groups.get(unit) ?? []), name])
    }
    fleet.place(groups)
  }
  place()

  const gatewayServlets = (): GatewayServlet[] =>
    plan.servlets.map(({ name, routes, mounts }) => ({
      name,
      routes,
      mounts,
      document: () => plan.documentOf(name),
    }))
  const placed = (): Placed[] => [
    ...fleet.units.flatMap((unit) =>
      unit.servlets.map((name) => ({ name, ...unit.stateOf(name), pid: unit.host?.pid })),
    ),
    ...[...plan.broken].map(([name, reason]) => ({ name, state: 'broken' as const, reason, pid: undefined })),
  ]
  const common = {
    servlets: gatewayServlets,
    forward: fleet.forward,
    telemetry,
    state: (path: string) => missingRoutes(plan.known, plan.broken)(path),
  }
  const authenticator = plan.environment?.authenticator
  try {
    // The inner one first: whoever is started by a request may call at once.
    servers.push(
      await serveGateway({ ...common, path: internal, callerOf: tokens.callerOf, limits: trusting }),
    )
    servers.push(
      await serveGateway({
        ...common,
        host: options.host,
        port: options.port,
        onRequest: (entry) => log.request(entry),
        pages: options.pages(placed, () => fleet.calls()),
        edge: plan.environment,
        ...(authenticator && {
          authenticate: documentAuthenticator(authenticator, entryOf, fleet.forward),
        }),
      }),
    )
  } catch (error) {
    await Promise.all([fleet.close(0), ...servers.map((server) => server.close({ graceMs: 0 }))])
    await provider.close()
    run.remove()
    throw error
  }
  const [, gateway] = servers as [Server, Server]
  for (const [name, reason] of plan.broken) log.say(name, 'error', `is not running: ${reason}`)
  fleet.warm()
  await Promise.all(
    [...plan.undocumented].map((name) =>
      fleet
        .unitOf(name)
        ?.start()
        .catch(() => {}),
    ),
  )
  await learning
  void startStale()

  /** Servlets whose contract is younger than its document are asked for their routes before anybody else is. */
  async function startStale(): Promise<void> {
    for (const { name, dir } of plan.servlets) {
      const [code, document] = await Promise.all(
        ['src/contract.ts', 'interface.json'].map((file) =>
          stat(join(root, dir, file)).catch(() => undefined),
        ),
      )
      if (code && document && code.mtimeMs - document.mtimeMs > staleMs)
        await fleet
          .unitOf(name)
          ?.start()
          .catch(() => {}) // said by the start itself
    }
  }

  async function changed({ files, workspace }: Changes): Promise<void> {
    const before = plan
    if (workspace) {
      for (const file of files) if (file.endsWith('/interface.json')) outlines.delete(file.split('/').at(-2)!)
      await replan()
      for (const [name, reason] of plan.broken)
        if (before.broken.get(name) !== reason) log.say(name, 'error', `is not running: ${reason}`)
    }
    const settings = !isDeepStrictEqual(before.environment, plan.environment)
    await Promise.all(
      fleet.units.map(async (unit) => {
        const own = unit.servlets.some((name) => {
          const dir = entryOf(name)?.dir
          return dir !== undefined && files.some((file) => file.startsWith(`${dir}/`) && isSource(file))
        })
        const loaded = files.some((file) => unit.loaded(file))
        const declared = unit.servlets.some(
          (name) =>
            !isDeepStrictEqual(
              before.servlets.find((entry) => entry.name === name),
              entryOf(name),
            ),
        )
        const known = unit.servlets.every((name) => before.servlets.some((entry) => entry.name === name))
        // A new one waits for its first request like all others, unless its routes are not known.
        if (!known) await (plan.undocumented.size > 0 ? unit.start().catch(() => {}) : undefined)
        else if (loaded || declared || settings || (own && !unit.host)) await unit.changed(own)
      }),
    )
  }

  return {
    url: gateway.url,
    port: gateway.port,
    get running() {
      return placed()
        .filter(({ state }) => state !== 'broken')
        .map(({ name }) => name)
        .sort()
    },
    get broken() {
      return new Map(placed().flatMap(({ name, reason }) => (reason === undefined ? [] : [[name, reason]])))
    },
    described: grouped
      ? `in ${fleet.units.length} processes by groups`
      : 'a process each, started when asked',
    changed,
    close: async (graceMs) => {
      // Outside first: what runs may still call others.
      await gateway.close({ graceMs })
      await fleet.close(graceMs)
      await servers[0]!.close({ graceMs: 0 })
      await provider.close()
      run.remove()
    },
  }
}

/** Those who connect are children of this process. */
const trusting = {
  headerBytes: 64 * 1024,
  streams: 100_000,
  connectionBytes: 1024 ** 3,
  hastyResets: Number.MAX_SAFE_INTEGER,
  controlFrames: Number.MAX_SAFE_INTEGER,
}

/** What servlets are made of: code, and migrations. */
function isSource(file: string): boolean {
  return /\.([cm]?[jt]sx?|json|sql)$/.test(file)
}

interface Outline {
  readonly endpoints: Readonly<Record<string, { readonly route: string; readonly access: string }>>
  readonly mounts: Readonly<Record<string, { readonly access: string }>>
}

function sameRoutes({ routes, mounts }: CatalogServlet, outline: Outline): boolean {
  const known = Object.fromEntries(routes.map(({ endpoint, route, access }) => [endpoint, { route, access }]))
  const prefixes = Object.fromEntries(mounts.map(({ prefix, access }) => [prefix, { access }]))
  return isDeepStrictEqual(known, outline.endpoints) && isDeepStrictEqual(prefixes, outline.mounts)
}
