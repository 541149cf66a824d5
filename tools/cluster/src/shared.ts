import { join } from 'node:path'
import { withNeeds } from './addons/addons.ts'
import type { Api } from './api.ts'
import { findRunning, openApi, type Running } from './cluster.ts'
import { type Identity, identity } from './name.ts'
import { readyAddons, type UpOptions, up } from './up.ts'

/** The root of this checkout. */
const checkout = join(import.meta.dirname, '../../..')

/** The cluster of this checkout that suites of tests share: the one with the name "test". */
export function sharedIdentity(): Identity {
  return identity(checkout, 'test')
}

/** A cluster that a suite shares with others. */
export interface SharedCluster {
  readonly running: Running
  readonly api: Api
  /** Ends the connections of this suite; the cluster goes on. */
  close(): void
}

/**
 * Opens the cluster that all suites of this checkout share: brings it up where it does not run, and adds the add-ons that it
 * does not have yet. A suite leaves it running, without what it made in it, and never restarts its components. `npm run
 * test:cluster` at the root ends it, or `npm run cluster -- down --name test`.
 *
 * @throws Error with what is missing on this machine, or with what did not become ready
 */
export async function sharedCluster(
  options: Pick<UpOptions, 'addons' | 'onStep'> = {},
): Promise<SharedCluster> {
  const which = sharedIdentity()
  const ready = await readyAddons(which)
  const complete = ready && withNeeds(options.addons ?? []).every(({ name }) => ready.includes(name))
  // To bring up what is up takes a while, and there are many suites.
  const running = (complete ? await findRunning(which) : undefined) ?? (await up(which, options))
  const api = await openApi(running)
  return { running, api, close: () => api.close() }
}
