import { availableParallelism } from 'node:os'
import { type KubernetesObject, marks, objectsOf } from '@atlas/provision'
import { freezeOf } from '@atlas/release/workspace'
import { ask } from '../../ask.ts'
import { EnvironmentCluster } from '../../environment/cluster.ts'
import { lockHolder, PulumiProject, reasonIn } from '../../environment/pulumi.ts'
import { chosen, readEnvironment, refusing } from '../../environment/read-environment.ts'
import { CommandError, exitCode } from '../../exit-code.ts'
import { canAsk } from '../../interaction.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { planOf } from './plan.ts'
import { type Outcome, report } from './report.ts'

/** Options of `atlas deploy`. */
export interface DeployOptions {
  readonly cwd: string
  readonly servlets: readonly string[]
  readonly env: string
  readonly preview: boolean
  readonly all: boolean
  readonly prune: boolean
  readonly yes: boolean
  readonly parallel?: number
  readonly json: boolean
}

/**
 * `atlas deploy`: the stacks that differ, side by side. Every manifest is read and every object made before anything is sent; one servlet
 * that fails stops no other. Safe to kill and to run again.
 */
export async function deploy(options: DeployOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const placement = await readEnvironment(root, options.env)
  const { name, environment } = placement
  const objects = await refusing(
    () =>
      new Map(
        chosen(placement, options.servlets).map((servlet): [string, KubernetesObject[]] => [
          servlet,
          objectsOf(placement.provisioned(servlet)),
        ]),
      ),
  )
  const wanted = new Map(
    [...objects].map(([servlet, [namespace]]): [string, string] => [
      servlet,
      namespace!.metadata.annotations![marks.intended]!,
    ]),
  )
  const cluster = new EnvironmentCluster(name, environment.cluster!)
  const project = new PulumiProject(root, 'fleet')
  await project.prepare()
  const [deployed, stacks] = await Promise.all([
    cluster.deployed(),
    project.stacks(),
    wanted.size > 0 ? cluster.mustTake([...objects.values()].flat()) : undefined,
  ])
  const plan = planOf(wanted, deployed, { all: options.all, known: new Set(placement.servlets) })
  const today = new Date().toISOString().slice(0, 10)
  const frozen = (servlet: string) => freezeOf(environment, servlet, today)
  const stopped = plan.run.filter(({ servlet }) => frozen(servlet))
  const running = plan.run.filter(({ servlet }) => !frozen(servlet))
  for (const { servlet } of stopped)
    output.note(`${servlet} is frozen and stays as it is: ${frozen(servlet)}`)
  output.note(
    `${name}: ${running.length} of ${wanted.size} servlets differ${options.preview ? '; nothing is changed' : ''}`,
  )

  const outcomes: Outcome[] = await boundedMap(
    running,
    options.parallel ?? Math.min(8, Math.max(2, availableParallelism())),
    async ({ servlet, why }) => {
      const stack = `${servlet}.${name}`
      const began = performance.now()
      const done = (ok: boolean, text: string): Outcome => ({
        servlet,
        why,
        ok,
        seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
        ...(ok
          ? options.preview
            ? { text }
            : {}
          : { reason: reasonIn(text).replace('-s STACK', `-s ${stack}`) }),
        ...(lockHolder(text) && !ok && { lockedBy: lockHolder(text)!.who }),
      })
      output.note(`${servlet}  begins (${why})`)
      if (!stacks.has(stack)) {
        const made = await project.init(stack)
        if (!made.ok) return done(false, made.text)
      }
      const run = await project.act(options.preview ? 'preview' : 'up', stack, (line) => {
        if (/ (created|updated|replaced|deleted) \(|\*\*.*failed/.test(line))
          output.note(`${servlet}  ${line}`)
      })
      const outcome = done(run.ok, run.text)
      output.note(`${servlet}  ${run.ok ? 'done' : 'FAILED'} after ${outcome.seconds} s`)
      return outcome
    },
  )
  const pruned = await prune(plan.gone, { options, name, project, stacks }, output)
  report(
    { environment: name, preview: options.preview, outcomes, same: plan.same, gone: plan.gone, pruned },
    options,
    output,
  )
  return [...outcomes, ...pruned].every(({ ok }) => ok) ? exitCode.done : exitCode.outside
}

/** Takes away servlets that the lock names no more. Their stores are elsewhere, and stay. */
async function prune(
  gone: readonly string[],
  {
    options,
    name,
    project,
    stacks,
  }: { options: DeployOptions; name: string; project: PulumiProject; stacks: ReadonlySet<string> },
  output: Output,
): Promise<Outcome[]> {
  if (gone.length === 0 || !options.prune || options.preview) return []
  if (!options.yes) {
    if (!canAsk(options.json))
      throw new CommandError(
        `${gone.join(', ')} would be taken away, and nobody can be asked here: add --yes to --prune`,
        exitCode.usage,
      )
    const answer = await ask.select(`Take away ${gone.join(', ')}? Their stores are kept.`, ['no', 'yes'])
    if (answer !== 'yes') return []
  }
  return boundedMap(gone, 2, async (servlet): Promise<Outcome> => {
    const stack = `${servlet}.${name}`
    const began = performance.now()
    const seconds = () => Number(((performance.now() - began) / 1000).toFixed(1))
    if (!stacks.has(stack))
      return {
        servlet,
        why: 'gone',
        ok: false,
        seconds: 0,
        reason: `its stack ${stack} is not in this backend; set PULUMI_BACKEND_URL to where it is`,
      }
    output.note(`${servlet}  is taken away`)
    const run = await project.act('destroy', stack)
    if (run.ok) await project.remove(stack)
    return {
      servlet,
      why: 'gone',
      ok: run.ok,
      seconds: seconds(),
      ...(run.ok ? {} : { reason: reasonIn(run.text) }),
    }
  })
}

async function boundedMap<T, R>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const work = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await run(items[index]!)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  return results
}
