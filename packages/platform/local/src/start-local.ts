import { join, resolve } from 'node:path'
import { createTelemetry, type LineSink } from '@atlas/runtime'
import type { FleetLimits } from './fleet/limits.ts'
import { statusReporter } from './gateway/status.ts'
import { PlatformLog } from './log/platform-log.ts'
import type { WriteLine } from './log/text-log.ts'
import { startMerged } from './placement/merged.ts'
import {
  defaultPlacement,
  type PlacementName,
  type PlacementOptions,
  type RunningPlacement,
} from './placement/placement.ts'
import { startProcesses } from './placement/processes.ts'
import { changesOf } from './reload/changes.ts'
import { watchFiles } from './reload/watch.ts'
import { announceRun } from './run-file.ts'
import { servletFolders } from './servlet-folders.ts'
import { stateFolder } from './state-folder.ts'
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
  /** Fresh data and logs under this name, beside those of others. @default those of the environment */
  readonly namespace?: string
  /** How servlets share processes. @default by their number */
  readonly placement?: PlacementName
  /** What processes of servlets may use. @default what fits on this machine */
  readonly limits?: Partial<FleetLimits>
  /** Takes lines for people. */
  readonly write: WriteLine
  /** Whether what is saved is loaded. @default true */
  readonly watch?: boolean
  /** @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** The platform, running on this machine. */
export interface Local {
  readonly url: string
  readonly port: number
  /** Names of the servlets that answer, or will when they are asked. */
  readonly running: readonly string[]
  /** Servlets that do not, with the reason. */
  readonly broken: ReadonlyMap<string, string>
  /** How servlets are placed, as part of a sentence. */
  readonly placement: string
  /** Answers what came in, closes every servlet. Calls that take longer than `graceMs` are aborted. */
  close(options?: { graceMs?: number }): Promise<void>
}

/** How long a collector may take for what is left. */
const flushMs = 2000

/**
 * Starts the servlets of a workspace behind one port, and starts again what is saved. A servlet that cannot start is left
 * out and said so; its routes answer `unavailable` with the reason.
 *
 * @throws AtlasError when the port cannot be had
 * @throws EnvironmentUnreadable when the file of the environment cannot be read
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  const { variables = process.env, environment = 'local', host = '127.0.0.1', port = 8080 } = options
  const root = resolve(options.root)
  const state = stateFolder(root, environment, options.namespace)
  const log = new PlatformLog(options.write, join(state, 'logs'))
  // Read only to count: who chose has no need to wait for it.
  const name = options.placement ?? defaultPlacement((await servletFolders(root)).length)
  // Before servlets are loaded, so that tracers they get of OpenTelemetry's API are ours.
  const telemetry = await createTelemetry({ environment: variables, sink: fileSink(log) })
  const since = new Date().toISOString()
  const placing: PlacementOptions = {
    root,
    host,
    port,
    environment,
    state,
    variables,
    log,
    telemetry,
    limits: options.limits ?? {},
    stores: (servlets) =>
      storeProvider({
        root,
        environment,
        namespace: options.namespace,
        servlets,
        variables,
        logOf: (servlet) => log.logger(servlet, telemetry.logger(servlet)),
      }),
    pages: (placed, calls) => {
      const status = statusReporter(placed, (servlet) => telemetry.traffic().get(servlet))
      return {
        '/-/servlets': async () => ({
          contentType: 'application/json',
          body: JSON.stringify(await status()),
        }),
        '/-/calls': async () => ({
          contentType: 'application/json',
          body: JSON.stringify({ since, calls: (await calls()).filter(({ count }) => count > 0) }),
        }),
      }
    },
  }
  let placed: RunningPlacement
  try {
    placed = name === 'merged' ? await startMerged(placing) : await startProcesses(placing, name === 'groups')
  } catch (error) {
    await telemetry.close(0)
    throw error
  }
  const watching = options.watch === false ? undefined : await watch(root, placed, log)
  const ended = announceRun(join(state, 'run.json'), {
    url: placed.url,
    port: placed.port,
    pid: process.pid,
    placement: name,
  })
  return {
    url: placed.url,
    port: placed.port,
    get running() {
      return placed.running
    },
    get broken() {
      return placed.broken
    },
    placement: placed.described,
    close: async ({ graceMs = 10_000 } = {}) => {
      ended()
      await watching?.stop()
      await placed.close(graceMs)
      // Last, because everything before it is still told of.
      await telemetry.close(flushMs)
      await log.close()
    },
  }
}

/** Lines of the log of this process, which people have seen in another form. */
function fileSink(log: PlatformLog): LineSink {
  return { write: (line) => log.record(line), flush: () => {}, dropped: 0 }
}

/** Hands on what changes, one change after the other. */
async function watch(root: string, placed: RunningPlacement, log: PlatformLog) {
  let working: Promise<void> = Promise.resolve()
  try {
    const subscription = await watchFiles(root, (files) => {
      const changes = changesOf(files)
      if (!changes) return
      working = working
        .then(() => placed.changed(changes))
        .catch((error: unknown) =>
          log.note(`what was saved could not be loaded: ${error instanceof Error ? error.message : error}`),
        )
    })
    return {
      stop: async () => {
        await subscription.unsubscribe()
        await working
      },
    }
  } catch (error) {
    log.note(
      `files cannot be watched (${error instanceof Error ? error.message : error}); start again to load what you change`,
    )
    return undefined
  }
}
