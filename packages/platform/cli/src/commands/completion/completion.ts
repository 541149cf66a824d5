import type { Command } from 'commander'
import type { Output } from '../../output.ts'
import { readCatalog } from '../../workspace/read-catalog.ts'
import { completedIn } from './completed.ts'
import { bashScript, fishScript, zshScript } from './scripts.ts'

/** Options of `atlas completion`. */
export interface CompletionOptions {
  readonly cwd: string
  readonly what: 'bash' | 'zsh' | 'fish' | 'servlets' | 'endpoints'
  /** The whole of `atlas`, which the scripts are made from. */
  readonly atlas: Command
}

/** `atlas completion`: a script for a shell; or the names of a workspace, one a line, from committed data only. */
export async function completion({ cwd, what, atlas }: CompletionOptions, output: Output): Promise<void> {
  if (what === 'servlets' || what === 'endpoints') {
    const { servlets } = await readCatalog(cwd)
    for (const { name, routes } of servlets)
      if (what === 'servlets') output.print(name)
      else for (const { endpoint } of routes) output.print(`${name}.${endpoint}`)
    return
  }
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[what]
  output.print(script(completedIn(atlas)))
}
