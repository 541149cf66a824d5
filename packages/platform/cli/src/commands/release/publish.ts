import { fetchTags, publishAll, pushBranch, ReleaseLock, unpublished, upstreamOf } from '@atlas/release'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from './explained.ts'
import { registriesOf } from './registries.ts'
import { making } from './releasing.ts'

/** `atlas release publish`. */
export function publish(
  { cwd, json, ...named }: { cwd: string; npm?: string; registry?: string; json: boolean },
  output: Output,
): Promise<number> {
  return explained(async () => {
    const root = await findRoot(cwd)
    const registries = await registriesOf(root, named)
    const upstream = await upstreamOf(root)
    await using _lock = await ReleaseLock.take(root, upstream?.remote)
    await pushBranch(root, upstream)
    await fetchTags(root, upstream)
    const waiting = await unpublished(root)
    const published = await publishAll(root, waiting, {
      registries,
      publishing: making,
      upstream,
      onPublished: ({ package: name, version, made }) =>
        output.note(`${name} ${version} ${made ? 'is published' : 'was there already'}`),
    })
    if (json) output.json({ published })
    else if (published.length === 0) output.print('nothing to publish')
    else
      for (const { package: name, version, digest } of published) output.print(`${name} ${version} ${digest}`)
    return exitCode.done
  })
}
