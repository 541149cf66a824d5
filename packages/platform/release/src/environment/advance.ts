import type { Environment, EnvironmentLock, LockedRelease } from '@atlas/manifest'
import type { Hotfix } from '../hotfix/hotfixes-file.ts'

/** What becomes of the lock of an environment, and what stays as it was. */
export interface Advanced {
  readonly lock: EnvironmentLock
  readonly changed: readonly string[]
  /** Servlets whose release does not go out here now, with why. */
  readonly stopped: readonly {
    readonly servlet: string
    readonly why: string
    /** The servlet whose freeze is in the way: itself, or one that it waits for. */
    readonly frozen?: string
  }[]
}

/**
 * Moves the lock of an environment to new releases. A pin keeps what it says; a freeze keeps what there is. Pure.
 *
 * @param today `2026-11-25`; a freeze that ended before is none
 * @param hotfixes those that no ordinary release contains: an environment that runs one keeps it until a release does
 * @param waiting servlets that wait for another one that is frozen here
 */
export function advance(
  environment: Environment,
  lock: EnvironmentLock,
  releases: Readonly<Record<string, LockedRelease>>,
  today: string,
  hotfixes: Readonly<Record<string, readonly Hotfix[]>> = {},
  waiting: ReadonlyMap<string, string> = new Map(),
): Advanced {
  const next: Record<string, LockedRelease> = { ...lock }
  const changed: string[] = []
  const stopped: Advanced['stopped'][number][] = []
  for (const [servlet, release] of Object.entries(releases)) {
    const at = lock[servlet]
    if (at?.version === release.version && at.digest === release.digest) continue
    const freeze = freezeOf(environment, servlet, today)
    const pin = environment.pins[servlet]
    const waits = waiting.get(servlet)
    if (freeze !== undefined) stopped.push({ servlet, why: `frozen: ${freeze}`, frozen: servlet })
    else if (hotfixes[servlet]?.some(({ version }) => version === at?.version))
      stopped.push({
        servlet,
        why: `it runs the hotfix ${at!.version}, which ${release.version} does not contain`,
      })
    else if (pin !== undefined && pin !== release.version) stopped.push({ servlet, why: `pinned to ${pin}` })
    else if (waits !== undefined)
      stopped.push({ servlet, why: `it waits for ${waits}, which is frozen here`, frozen: waits })
    else {
      next[servlet] = release
      changed.push(servlet)
    }
  }
  return { lock: next, changed, stopped }
}

/** Why nothing of a servlet is rolled out here today; undefined when it may be. */
export function freezeOf({ freezes }: Environment, servlet: string, today: string): string | undefined {
  for (const name of ['*', servlet]) {
    const freeze = freezes[name]
    if (freeze && (freeze.until === undefined || freeze.until >= today))
      return `${freeze.reason}${freeze.until === undefined ? '' : ` (until ${freeze.until})`}`
  }
  return undefined
}

/** Whether releases are rolled out to an environment: where servlets run from source there is nothing to do. */
export function takesReleases({ registry, cluster }: Environment): boolean {
  return registry !== undefined || cluster !== undefined
}
