import { type KubernetesObject, objectsOf } from '@atlas/provision'
import { EnvironmentCluster } from '../../environment/cluster.ts'
import { chosen, readEnvironment, refusing } from '../../environment/read-environment.ts'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { type Difference, differencesOf } from './differences.ts'

/** Options of `atlas diff`. */
export interface DiffOptions {
  readonly cwd: string
  readonly servlets: readonly string[]
  readonly env: string
  readonly json: boolean
}

interface ObjectDrift {
  readonly object: string
  readonly missing: boolean
  readonly differences: readonly Difference[]
}

/** `atlas diff`: asks the API server what applying each object would change, and changes nothing. 1 when there is something. */
export async function diff(options: DiffOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const placement = await readEnvironment(root, options.env)
  const cluster = new EnvironmentCluster(placement.name, placement.environment.cluster!)
  const deployed = await cluster.deployed()
  const servlets: { name: string; drift: ObjectDrift[] }[] = []
  for (const name of chosen(placement, options.servlets)) {
    const objects = await refusing(() => objectsOf(placement.provisioned(name)))
    const drift: ObjectDrift[] = []
    for (const object of objects) drift.push(...(await driftOf(cluster, object)))
    servlets.push({ name, drift })
  }
  const gone = [...deployed.keys()].filter((name) => !placement.servlets.includes(name)).sort()
  const differs = servlets.some(({ drift }) => drift.length > 0) || gone.length > 0
  if (options.json) output.json({ environment: placement.name, differs, servlets, gone })
  else print(servlets, gone, output)
  if (!differs) output.note(`${placement.name} is what it should be: ${servlets.length} servlets`)
  return differs ? exitCode.refused : exitCode.done
}

async function driftOf(cluster: EnvironmentCluster, object: KubernetesObject): Promise<ObjectDrift[]> {
  const name = `${object.kind}/${object.metadata.name}`
  const live = await cluster.live(object)
  if (live === undefined) return [{ object: name, missing: true, differences: [] }]
  const differences = differencesOf(live, await cluster.applied(object))
  return differences.length === 0 ? [] : [{ object: name, missing: false, differences }]
}

function print(
  servlets: readonly { name: string; drift: readonly ObjectDrift[] }[],
  gone: readonly string[],
  output: Output,
): void {
  for (const { name, drift } of servlets)
    for (const { object, missing, differences } of drift) {
      output.print(`${name}  ${object}${missing ? ' is missing' : ''}`)
      for (const { path, is, wanted } of differences)
        output.print(
          `    ${path}: is ${JSON.stringify(is) ?? 'missing'}, should be ${JSON.stringify(wanted) ?? 'missing'}`,
        )
    }
  for (const name of gone)
    output.print(`${name}  runs, and the lock names it no more: atlas deploy --prune takes it away`)
}
