import { http2Transport } from '@atlas/client/http2'
import type { Contract } from '@atlas/contract'
import { parseInterfaceDocument } from '@atlas/interface'
import { encodeSubject, hopHeaders, serve } from '@atlas/runtime'
import {
  currentCall,
  type Instance,
  inheritCall,
  inProcessTransport,
  type Servlet,
  startInstance,
} from '@atlas/sdk'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadServlet } from '../load-servlet.ts'
import { jsonLog } from '../log/json-log.ts'
import { notRunning } from '../missing-routes.ts'
import { outlineOf } from '../outline.ts'
import { sentenceOf } from '../plan.ts'
import { ModuleGraph } from '../reload/module-graph.ts'
import { openStores } from '../stores/open-stores.ts'
import type { HostedServlet, HostJob, LoadedOutline } from './messages.ts'

/** Servlets that run in this process. */
export interface Hosted {
  readonly outlines: readonly LoadedOutline[]
  /** Why servlets do not run that should, by name. */
  readonly broken: Readonly<Record<string, string>>
  /** Files of the workspace that were loaded so far, relative to its root. */
  files(): string[]
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

/** Loads and starts servlets, and answers for them on a Unix socket. Rejects with a reason when none of them starts. */
export async function host(job: HostJob): Promise<Hosted> {
  const graph = new ModuleGraph(job.root)
  graph.install()
  const broken = new Map<string, string>()
  const instances = new Map<string, Promise<Instance>>()
  const outlines: LoadedOutline[] = []

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

  function start({ entry, config, secrets }: HostedServlet, servlet: Servlet): Promise<Instance> {
    const log = jsonLog(entry.name)
    return openStores(entry.manifest.stores, join(job.state, entry.name)).then((stores) =>
      startInstance(servlet, {
        transportTo: (contract) => transportTo(entry.name, contract),
        stores,
        config,
        secrets,
        log,
      }),
    )
  }

  /** Within a group calls stay in the process; others go to the gateway, which knows where the servlet is. */
  function transportTo(caller: string, contract: Contract) {
    if (job.servlets.some(({ entry }) => entry.name === contract.name))
      return inProcessTransport(
        () => instances.get(contract.name) ?? Promise.reject(notRunning(contract.name, broken)),
        { caller },
      )
    return inheritCall(
      http2Transport({
        baseUrl: `http://${contract.name}`,
        socketPath: job.gateway,
        headers: () => headersOf(caller),
      }),
    )
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
    limits,
  })
  return {
    outlines,
    broken: Object.fromEntries(broken),
    files: () => graph.files(),
    close: async (graceMs) => {
      await server.close({ graceMs })
      for (const instance of running)
        await instance
          .close()
          .catch((error: unknown) => jsonLog(instance.name).error('did not close cleanly', { error }))
    },
  }
}

/** Who calls, and for whom. */
function headersOf(caller: string): Record<string, string> {
  const user = currentCall.getStore()?.user
  return {
    [hopHeaders.caller]: caller,
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
