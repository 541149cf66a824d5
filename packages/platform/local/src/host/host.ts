import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { refusingTransport, retrying, undeclaredCall } from '@atlas/client'
import { http2Transport } from '@atlas/client/http2'
import type { Contract } from '@atlas/contract'
import { parseInterfaceDocument } from '@atlas/interface'
import type { CatalogServlet } from '@atlas/manifest'
import {
  type CallCount,
  createTelemetry,
  encodeSubject,
  hopHeaders,
  serve,
  traceHeaders,
} from '@atlas/runtime'
import {
  currentCall,
  type Instance,
  inheritCall,
  inProcessTransport,
  type Servlet,
  startInstance,
} from '@atlas/sdk'
import { sentenceOf } from '../finding-sentence.ts'
import { loadServlet } from '../load-servlet.ts'
import { notRunning } from '../missing-routes.ts'
import { outlineOf } from '../outline.ts'
import { ModuleGraph } from '../reload/module-graph.ts'
import { type OpenedStores, openStores } from '../stores/open-stores.ts'
import type { HostedServlet, HostJob, LoadedOutline } from './messages.ts'

/** Servlets that run in this process. */
export interface Hosted {
  readonly outlines: readonly LoadedOutline[]
  /** Why servlets do not run that should, by name. */
  readonly broken: Readonly<Record<string, string>>
  /** Files of the workspace that were loaded so far, relative to its root. */
  files(): string[]
  /** What the servlets called since the start. */
  calls(): CallCount[]
  close(graceMs: number): Promise<void>
}

/** The gateway is a parent that watches what it sends: the limits for strangers would only be in its way. */
const limits = {
  headerBytes: 64 * 1024,
  streams: 100_000,
  connectionBytes: 1024 ** 3,
  hastyResets: Number.MAX_SAFE_INTEGER,
  controlFrames: Number.MAX_SAFE_INTEGER,
}

/** How long a collector of traces may take for what is left. */
const flushMs = 2000

/**
 * Loads and starts servlets, and answers for them on a Unix socket. Rejects with a reason when none of them starts.
 *
 * @param tokenOf the token of a call. @throws AtlasError from it when the call is not declared
 */
export async function host(
  job: HostJob,
  tokenOf: (caller: string, callee: string) => Promise<string>,
): Promise<Hosted> {
  const graph = new ModuleGraph(job.root)
  graph.install()
  // Before servlets are loaded, so that tracers they get of OpenTelemetry's API are ours.
  const telemetry = await createTelemetry({
    servlets: Object.fromEntries(job.servlets.map(({ entry }) => [entry.name, entry.version])),
  })
  const broken = new Map<string, string>()
  const instances = new Map<string, Promise<Instance>>()
  const outlines: LoadedOutline[] = []
  const opened: OpenedStores[] = []

  const loaded = await Promise.all(
    job.servlets.map(async (hosted) => ({ hosted, loaded: await loadServlet(job.root, hosted.entry.dir) })),
  )
  for (const { hosted, loaded: result } of loaded) {
    const { name } = hosted.entry
    if (!result.ok) {
      broken.set(name, sentenceOf(result.finding))
      continue
    }
    outlines.push({ name, outline: outlineOf(result.servlet) })
    const starting = start(hosted, result.servlet)
    starting.catch(() => {}) // awaited below
    instances.set(name, starting)
  }

  async function start({ entry, prepared }: HostedServlet, servlet: Servlet): Promise<Instance> {
    const log = telemetry.logger(entry.name)
    const stores = await openStores(prepared.stores, { servlet: entry.name, log })
    opened.push(stores)
    return startInstance(servlet, {
      transportTo: (contract) => transportTo(entry, contract),
      stores: stores.stores,
      ...prepared.settings,
      log,
    })
  }

  /** Within a group calls stay in the process; others go to the gateway, which knows where the servlet is. */
  function transportTo({ name: caller, dependsOn }: CatalogServlet, contract: Contract) {
    if (!dependsOn.includes(contract.name))
      return refusingTransport(() => undeclaredCall(caller, contract.name))
    if (job.servlets.some(({ entry }) => entry.name === contract.name))
      return telemetry.observed(
        inProcessTransport(
          () => instances.get(contract.name) ?? Promise.reject(notRunning(contract.name, broken)),
          { caller },
        ),
        caller,
        'in_process',
      )
    const network = http2Transport({
      baseUrl: `http://${contract.name}`,
      socketPath: job.gateway,
      headers: async () => ({ ...headersOf(), [hopHeaders.token]: await tokenOf(caller, contract.name) }),
    })
    return telemetry.observed(inheritCall(retrying(network)), caller, 'http')
  }

  const running: Instance[] = []
  for (const [name, starting] of instances)
    try {
      running.push(await starting)
    } catch (error) {
      broken.set(name, error instanceof Error ? error.message : String(error))
    }
  if (running.length === 0) {
    const reasons = [...broken].map(([name, reason]) => (broken.size === 1 ? reason : `${name}: ${reason}`))
    throw { reason: reasons.join('; '), files: graph.files() }
  }
  const documents = await readDocuments(job)
  const server = await serve({
    path: job.socket,
    listener: 'gateway',
    instances: () => running,
    documents: (name) => documents.get(name),
    telemetry,
    limits,
  })
  return {
    outlines,
    broken: Object.fromEntries(broken),
    files: () => graph.files(),
    calls: () => telemetry.metrics.calls(),
    close: async (graceMs) => {
      await server.close({ graceMs })
      for (const instance of running)
        await instance
          .close()
          .catch((error: unknown) =>
            telemetry.logger(instance.name).error('did not close cleanly', { error }),
          )
      for (const stores of opened) await stores.close()
      await telemetry.close(flushMs)
    },
  }
}

/** For whom a call is. */
function headersOf(): Record<string, string> {
  const user = currentCall.getStore()?.user
  return {
    ...traceHeaders(),
    ...(user === undefined ? {} : { [hopHeaders.subject]: encodeSubject(user) }),
  }
}

/** The committed documents: gRPC takes the numbers of fields from them. One that cannot be read counts as none. */
async function readDocuments({ root, servlets }: HostJob) {
  const found = await Promise.all(
    servlets.map(async ({ entry }) => {
      const text = await readFile(join(root, entry.dir, 'interface.json'), 'utf8').catch(() => '')
      const parsed = parseInterfaceDocument(text)
      return parsed.ok ? ([[entry.name, parsed.value]] as const) : []
    }),
  )
  return new Map(found.flat())
}
