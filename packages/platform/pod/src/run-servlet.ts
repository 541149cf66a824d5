import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import { createTelemetry, serve, type Telemetry } from '@atlas/runtime'
import { type Servlet, startInstance } from '@atlas/sdk'
import { transportTo } from './calls.ts'
import { configOf, type PodManifest, placesOf, secretsOf } from './settings.ts'
import type { OpenedStore, StoreOpener, StorePlace } from './stores/store-opener.ts'
import { numberOf, type Variables } from './variables.ts'

/** Openers by the kind of store that they open. */
export type StoreOpeners = Readonly<Record<string, StoreOpener>>

/** What the entry of an image gives beside its servlet. */
export interface PodOptions {
  /** The folder of the servlet in the image, which has its manifest, its interface document and its migrations. */
  readonly folder: URL
  readonly openers?: StoreOpeners
}

/** The gateway in front of a pod is the only one that connects, and has had the limits for strangers. */
const limits = {
  headerBytes: 64 * 1024,
  streams: 10_000,
  connectionBytes: 256 * 1024 * 1024,
  hastyResets: 10_000,
  controlFrames: 10_000,
}

/** How long a collector of traces may take for what is left. */
const flushMs = 2000

/**
 * Runs one servlet until the process is told to end. `migrate` as the first argument applies migrations and serves nothing.
 *
 * Never rejects: what keeps the servlet from starting is one line of the log, and the exit code 1.
 */
export async function runServlet(servlet: Servlet, options: PodOptions): Promise<void> {
  const { env: variables, argv } = process
  const { name } = servlet.contract
  const telemetry = await createTelemetry({
    servlets: { [name]: variables.ATLAS_VERSION ?? 'unknown' },
    // A bundle has no package.json of the runtime to look at.
    ...(variables.ATLAS_RUNTIME_VERSION !== undefined && { version: variables.ATLAS_RUNTIME_VERSION }),
  })
  try {
    if (argv[2] === 'migrate') {
      await migrate(servlet, options, variables, telemetry)
      await telemetry.close(flushMs)
    } else if (argv[2] !== undefined) {
      throw new Error(
        `'${argv[2]}' is nothing that an image can do; start it without arguments, or with 'migrate'`,
      )
    } else await start(servlet, options, variables, telemetry)
  } catch (error) {
    telemetry.logger(name).error(error instanceof Error ? error.message : String(error))
    await telemetry.close(0)
    process.exitCode = 1
    // What setup left open must not keep a broken process alive.
    setTimeout(() => process.exit(1), 1000).unref()
  }
}

async function start(
  servlet: Servlet,
  { folder, openers = {} }: PodOptions,
  variables: Variables,
  telemetry: Telemetry,
): Promise<void> {
  const { name } = servlet.contract
  const log = telemetry.logger(name)
  const port = numberOf(variables, 'PORT', 8080)
  const drainDelayMs = numberOf(variables, 'ATLAS_DRAIN_DELAY_MS', 0)
  const graceMs = numberOf(variables, 'ATLAS_GRACE_MS', 10_000)
  // From here on, so that an end during a slow start is heard.
  const end = endOf()
  const manifest = await readManifest(folder)
  const document = await readDocument(folder)
  const config = await configOf(manifest, variables)
  const secrets = secretsOf(name, manifest, variables)
  const opened: [string, OpenedStore][] = []
  for (const [kind, place] of storesOf(servlet, manifest, folder, variables, telemetry))
    opened.push([place.store, await openerOf(openers, kind, place).open(place)])
  const instance = await startInstance(servlet, {
    transportTo: (contract) => transportTo(contract.name, { caller: name, telemetry, variables }),
    stores: Object.fromEntries(opened.map(([store, { store: value }]) => [store, value])),
    config,
    secrets,
    log,
  })
  const server = await serve({
    host: variables.HOST ?? '0.0.0.0',
    port,
    listener: 'gateway',
    instances: () => [instance],
    documents: (asked) => (asked === name ? document : undefined),
    telemetry,
    limits,
  })
  log.info('serves', { port: server.port, version: variables.ATLAS_VERSION })
  const signal = await end
  log.info('drains', { signal })
  await server.close({ drainDelayMs, graceMs })
  await instance.close().catch((error: unknown) => log.error('did not close cleanly', { error }))
  for (const [, { close }] of opened) await close()
  await telemetry.close(flushMs)
  process.exit(0)
}

/** Resolves with the signal that tells the process to end. A second one ends it now, whatever runs. */
function endOf(): Promise<string> {
  return new Promise((resolve) => {
    let told = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (told) process.exit(128 + constants.signals[signal])
        told = true
        resolve(signal)
      })
  })
}

async function migrate(
  servlet: Servlet,
  { folder, openers = {} }: PodOptions,
  variables: Variables,
  telemetry: Telemetry,
): Promise<void> {
  const log = telemetry.logger(servlet.contract.name)
  const manifest = await readManifest(folder)
  for (const [kind, place] of storesOf(servlet, manifest, folder, variables, telemetry))
    for (const file of (await openerOf(openers, kind, place).migrate?.(place)) ?? [])
      log.info(`applied ${file}`, { store: place.store })
  log.info('is migrated')
}

function* storesOf(
  { contract: { name } }: Servlet,
  manifest: PodManifest,
  folder: URL,
  variables: Variables,
  telemetry: Telemetry,
): Generator<[kind: string, place: StorePlace]> {
  const places = placesOf(name, manifest, variables)
  for (const [store, kinds] of Object.entries(manifest.stores ?? {}))
    for (const [kind, settings] of Object.entries(kinds))
      yield [
        kind,
        {
          servlet: name,
          store,
          where: places[store]!,
          settings,
          folder: fileURLToPath(folder),
          log: telemetry.logger(name),
        },
      ]
}

function openerOf(openers: StoreOpeners, kind: string, { servlet, store }: StorePlace): StoreOpener {
  const opener = openers[kind]
  if (opener) return opener
  throw new Error(
    `${servlet} has the store '${store}' of the kind '${kind}', which images cannot open yet; keep it in a 'postgres' store`,
  )
}

async function readManifest(folder: URL): Promise<PodManifest> {
  return JSON.parse(await readFile(new URL('servlet.json', folder), 'utf8')) as PodManifest
}

/** gRPC takes the numbers of fields from it. */
async function readDocument(folder: URL): Promise<InterfaceDocument | undefined> {
  const text = await readFile(new URL('interface.json', folder), 'utf8').catch(() => '')
  const parsed = parseInterfaceDocument(text)
  return parsed.ok ? parsed.value : undefined
}
