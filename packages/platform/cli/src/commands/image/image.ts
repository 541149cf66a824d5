import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readWorkspace } from '@atlas/manifest'
import {
  BaseImageError,
  BundleError,
  baseImageFile,
  buildImage,
  pinDebian,
  pushImage,
  RegistryRefused,
  RegistryUnavailable,
  repositoryOf,
  writeLayout,
} from '@atlas/release'
import { writeAtomically } from '@atlas/release/workspace'
import { CommandError, exitCode } from '../../exit-code.ts'
import { folderOf, servletsOf } from '../../interface/servlets-of.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** What `atlas image` is asked. */
export interface ImageRequest {
  readonly cwd: string
  readonly servlet: string | undefined
  readonly out?: string
  readonly push?: string
  readonly pin?: true
  readonly json: boolean
}

/** `atlas image SERVLET`: builds the image of a servlet, and writes or pushes it. `atlas image --pin` pins the base. */
export async function image(request: ImageRequest, output: Output): Promise<number> {
  const root = await findRoot(request.cwd)
  try {
    if (request.pin) return await pin(root, request, output)
    return await build(root, request, output)
  } catch (error) {
    if (error instanceof RegistryUnavailable || error instanceof RegistryRefused)
      throw new CommandError(error.message, exitCode.outside)
    if (error instanceof BaseImageError || error instanceof BundleError || error instanceof TypeError)
      throw new CommandError(error.message, exitCode.refused)
    throw error
  }
}

async function pin(root: string, { servlet, json }: ImageRequest, output: Output): Promise<number> {
  if (servlet !== undefined)
    throw new CommandError('--pin is about the images of all servlets; leave the servlet out', exitCode.usage)
  const base = await pinDebian()
  await mkdir(dirname(join(root, baseImageFile)), { recursive: true })
  await writeAtomically(join(root, baseImageFile), `${JSON.stringify(base, undefined, 2)}\n`)
  if (json) output.json({ file: baseImageFile, base })
  else output.print(`wrote ${baseImageFile}; commit it (another base releases every servlet)`)
  return exitCode.done
}

async function build(
  root: string,
  { cwd, servlet, out, push, json }: ImageRequest,
  output: Output,
): Promise<number> {
  const all = servletsOf(await readWorkspace(root))
  if (servlet === undefined) throw new CommandError('which servlet? npx atlas image SERVLET', exitCode.usage)
  mustBeOneOf('servlet', servlet, all.map(folderOf))
  const { dir, version } = all.find((one) => folderOf(one) === servlet)!
  const begun = performance.now()
  const built = await buildImage({ root, dir, version })
  const ms = Math.round(performance.now() - begun)
  if (out !== undefined) await writeLayout(resolve(cwd, out), built)
  let reference: string | undefined
  if (push !== undefined) {
    const repository = repositoryOf(push, servlet)
    await pushImage(repository, built)
    reference = `${push.replace(/^https?:\/\//, '').replace(/\/+$/, '')}/${servlet}@${built.digest}`
  }
  const sizeBytes = built.layers.reduce((sum, { size }) => sum + size, 0)
  if (json)
    output.json({
      servlet,
      version,
      digest: built.digest,
      content: built.bundle.digest,
      sizeBytes,
      ...(out !== undefined && { out }),
      ...(reference !== undefined && { reference }),
    })
  else {
    output.print(`${servlet} ${version} ${built.digest}`)
    output.print(
      `${(sizeBytes / 2 ** 20).toFixed(1)} MiB compressed in ${built.layers.length} layers, built in ${ms} ms`,
    )
    if (out !== undefined) output.print(`written to ${out}`)
    if (reference !== undefined) output.print(`pushed as ${reference}`)
  }
  return exitCode.done
}
