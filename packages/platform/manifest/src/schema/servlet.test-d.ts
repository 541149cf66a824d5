import type { ServletManifest, ServletManifestWritten } from './servlet.ts'
import { type Store, storeKind } from './store.ts'

// An imported JSON file is written without annotations, so its strings are `string` and its lists are arrays of that.
const imported = {
  $schema: 'servlet.schema.json',
  owner: 'web',
  stores: { tree: { postgres: {} }, content: { blobs: {} } },
  config: { maxUploadMiB: 500, tags: ['a', 'b'], nested: { deep: [1, null] } },
  limits: { replicas: { min: 1 } },
  callers: ['search'],
}
imported satisfies ServletManifestWritten

export const onlyOwner: ServletManifestWritten = { owner: 'web' }

// @ts-expect-error the owner is required
export const noOwner: ServletManifestWritten = {}

// @ts-expect-error there is no such kind of store
export const noSuchStore: ServletManifestWritten = { owner: 'web', stores: { a: { mysql: {} } } }

// @ts-expect-error null says nothing about the type of the value
export const nullConfig: ServletManifestWritten = { owner: 'web', config: { a: null } }

/** Normalised, everything is there. */
export function normalised(manifest: ServletManifest, store: Store): number {
  if ('postgres' in store) return store.postgres.maxConnections
  // @ts-expect-error a store of another kind has no such settings
  store.postgres
  storeKind(store) satisfies 'postgres' | 'blobs'
  // @ts-expect-error p50 has no default
  manifest.objectives.latencyMs.p50.toFixed()
  return manifest.limits.replicas.min + manifest.objectives.latencyMs.p99 + manifest.rollout.rampMinutes
}
