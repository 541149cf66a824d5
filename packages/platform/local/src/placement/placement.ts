import type { CatalogServlet } from '@atlas/manifest'
import type { CallCount, Pages, Telemetry } from '@atlas/runtime'
import type { FleetLimits } from '../fleet/limits.ts'
import type { Placed } from '../gateway/status.ts'
import type { PlatformLog } from '../log/platform-log.ts'
import type { Changes } from '../reload/changes.ts'
import type { StoreProvider } from '../stores/store-provider.ts'

/** How servlets share processes. */
export const placements = ['merged', 'isolated', 'groups'] as const

export type PlacementName = (typeof placements)[number]

/** What every placement is started with. */
export interface PlacementOptions {
  readonly root: string
  readonly port: number
  readonly host: string
  /** The name of a file in `infra/environments`. */
  readonly environment: string
  /** See `stateFolder`. */
  readonly state: string
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly log: PlatformLog
  readonly telemetry: Telemetry
  readonly pages: (placed: () => readonly Placed[], calls: () => Promise<readonly CallCount[]>) => Pages
  readonly limits: Partial<FleetLimits>
  /** Makes the stores of these servlets. */
  readonly stores: (servlets: readonly CatalogServlet[]) => StoreProvider
}

/** Servlets that were placed and are served. */
export interface RunningPlacement {
  readonly url: string
  readonly port: number
  /** Servlets that answer, or will when they are asked. */
  readonly running: readonly string[]
  /** Servlets that do not, with the reason. */
  readonly broken: ReadonlyMap<string, string>
  /** How servlets are placed, as part of a sentence. */
  readonly described: string
  /** Files changed. Resolves when what had to be done was done. Never rejects. */
  changed(changes: Changes): Promise<void>
  close(graceMs: number): Promise<void>
}

/** So many servlets are comfortable in one process; beyond, each starts when it is needed. */
const mostMerged = 30

/** The placement for so many servlets where nobody chose one. */
export function defaultPlacement(servlets: number): PlacementName {
  return servlets <= mostMerged ? 'merged' : 'isolated'
}
