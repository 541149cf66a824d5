import { join, resolve } from 'node:path'
import { objectsOf, placedEnvironment, platformObjectsOf } from '@atlas/provision'
import { writeAtomically } from '@atlas/release/workspace'
import { stringify } from 'yaml'
import { chosen, readEnvironment, refusing } from '../../environment/read-environment.ts'
import { exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** Options of `atlas render`. */
export interface RenderOptions {
  readonly cwd: string
  readonly servlets: readonly string[]
  readonly env: string
  readonly out?: string
  readonly json: boolean
}

/** `atlas render`: the objects that a deployment would make, from files only. */
export async function render(options: RenderOptions, output: Output): Promise<number> {
  const root = await findRoot(options.cwd)
  const placement = await readEnvironment(root, options.env)
  const servlets = await refusing(() =>
    chosen(placement, options.servlets).map((name) => ({
      name,
      objects: objectsOf(placement.provisioned(name)),
    })),
  )
  const { name, environment } = placement
  const shared = platformObjectsOf(placedEnvironment(name, environment), environment.brings)
  const documents = [
    // Whoever asks for some servlets does not ask for what all share.
    ...(options.servlets.length > 0 ? [] : [{ name: 'platform', objects: shared }]),
    ...servlets,
  ]
  if (options.json) output.json({ environment: name, servlets: documents })
  for (const { name, objects } of documents) {
    const text = objects.map((object) => `---\n${stringify(object, { lineWidth: 0 })}`).join('')
    if (options.out !== undefined) {
      const file = join(resolve(options.cwd, options.out), `${name}.yaml`)
      await writeAtomically(file, text)
      output.note(`wrote ${file}`)
    } else if (!options.json) output.print(text.trimEnd())
  }
  if (servlets.length === 0) output.note(`infra/environments/${name}.lock.json names no servlet`)
  return exitCode.done
}
