import { CommandError, exitCode } from '../../../exit-code.ts'
import { canAsk } from '../../../interaction.ts'
import type { Output } from '../../../output.ts'
import { createLibrary, type LibraryRequest } from '../../../scaffold/create-library.ts'
import { findRoot } from '../../../workspace/find-root.ts'

/** Options of `atlas new library`. */
export interface NewLibraryOptions extends Omit<LibraryRequest, 'name'> {
  readonly cwd: string
  readonly name?: string | undefined
  readonly json: boolean
}

/** `atlas new library NAME`: code that servlets share, with an owner who says who may import it. */
export async function newLibrary(options: NewLibraryOptions, output: Output): Promise<number> {
  const { cwd, json, name, ...said } = options
  const root = await findRoot(cwd)
  const { library, written } = await createLibrary(root, await requestOf(root, { name, ...said }, json))
  if (json) output.json({ library: library.name, written })
  else {
    for (const file of written) output.print(`wrote ${file}`)
    output.print(
      `next: npm install (links it), then put "${library.scope}/${library.name}": "*" into the dependencies of a servlet`,
    )
  }
  return exitCode.done
}

async function requestOf(
  root: string,
  { name, ...rest }: Omit<NewLibraryOptions, 'cwd' | 'json'>,
  json: boolean,
): Promise<LibraryRequest> {
  if (canAsk(json)) return (await import('./interview.ts')).interview(root, { name, ...rest })
  if (name === undefined) throw new CommandError(`missing required argument 'name'`, exitCode.usage)
  return { name, ...rest }
}
