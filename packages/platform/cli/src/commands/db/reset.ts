import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { labelsOf, namedStores, noStores, type PlaceOptions, withDatabases } from './stores.ts'

/** Options of `atlas db reset`. */
export interface ResetOptions extends PlaceOptions {
  readonly stores: readonly string[]
  readonly all?: true
  readonly json: boolean
}

/** `atlas db reset`: empty databases with all migrations applied. Never all of them unless that was said. */
export function reset({ stores: names, all, json, ...place }: ResetOptions, output: Output): Promise<number> {
  return withDatabases(place, async (host, stores) => {
    if (names.length > 0 && all)
      throw new CommandError('--all and names contradict each other; leave one out', exitCode.usage)
    if (names.length === 0 && !all)
      throw new CommandError(
        stores.length === 0
          ? noStores
          : `say which: ${labelsOf(stores).join(', ')}, or --all; what is in them is lost`,
        exitCode.usage,
      )
    const wanted = all ? stores : namedStores(names, stores)
    const databases = []
    for (const store of wanted) {
      const existed = await host.drop(store)
      const { database, applied } = await host.prepare(store)
      databases.push({
        servlet: store.servlet,
        store: store.store,
        database,
        existed,
        applied: applied.length,
      })
      if (!json) output.print(`${store.label}: empty, ${applied.length} migrations applied`)
    }
    if (json) output.json({ databases })
    return exitCode.done
  })
}
