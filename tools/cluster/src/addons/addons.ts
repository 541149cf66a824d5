import type { Addon } from './addon.ts'
import { flagger } from './flagger.ts'
import { gateway } from './gateway.ts'
import { keda } from './keda.ts'
import { prometheus } from './prometheus.ts'

/** Every add-on. */
export const addons: readonly Addon[] = [gateway, flagger, prometheus, keda]

/**
 * The add-ons of these names and those that they need, each after what it needs.
 *
 * @throws Error for a name that there is not, with those that there are
 */
export function withNeeds(names: readonly string[]): Addon[] {
  const ordered: Addon[] = []
  const add = (name: string) => {
    const addon = addons.find((one) => one.name === name)
    if (!addon) {
      throw new Error(`${name}: no such add-on. There are ${addons.map((one) => one.name).join(', ')}`)
    }
    for (const need of addon.needs) add(need)
    if (!ordered.includes(addon)) ordered.push(addon)
  }
  for (const name of names) add(name)
  return ordered
}

/** Installs add-ons side by side, each once those that it needs are ready. */
export async function installAll(
  ordered: readonly Addon[],
  install: (addon: Addon) => Promise<void>,
): Promise<void> {
  const installs = new Map<string, Promise<void>>()
  for (const addon of ordered) {
    const needed = addon.needs.map((need) => installs.get(need))
    installs.set(
      addon.name,
      Promise.all(needed).then(() => install(addon)),
    )
  }
  // All of them, so that none still works when the first failure is told.
  const ends = await Promise.allSettled(installs.values())
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
