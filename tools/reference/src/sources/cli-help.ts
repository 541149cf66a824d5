import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { nodesOf, root, sourcesIn } from './parse.ts'

const bin = join(root, 'packages/platform/cli/src/bin.ts')

/** A command and what `--help` says about it. */
export interface CommandHelp {
  /** `atlas new servlet` */
  readonly name: string
  readonly help: string
}

/** The help of `atlas` and of all its commands, those inside of others too, as the command itself prints it. */
export async function commandHelps(path: readonly string[] = []): Promise<CommandHelp[]> {
  const help = await helpOf(path)
  const inner = await Promise.all(commandsIn(help).map((name) => commandHelps([...path, name])))
  return [{ name: ['atlas', ...path].join(' '), help }, ...inner.flat()]
}

async function helpOf(path: readonly string[]): Promise<string> {
  // The environment's own port would be shown as the default.
  const { PORT: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...path, '--help'], { env })
  return stdout.trimEnd()
}

function commandsIn(help: string): string[] {
  const sections = [...help.matchAll(/^Commands.*:\n((?: {2}.*\n?)+)/gm)].map(([, section]) => section!)
  return sections
    .flatMap((section) => [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)])
    .map(([, name]) => name!)
    .filter((name) => name !== 'help')
}

/** The exit codes that the sources declare, by name. */
export async function exitCodesInSources(): Promise<Record<string, number>> {
  const file = 'packages/platform/cli/src/exit-code.ts'
  const source = (await sourcesIn('packages/platform/cli/src')).get(file)
  const codes: Record<string, number> = {}
  for (const node of source ? nodesOf(source) : [])
    if (ts.isPropertyAssignment(node) && ts.isNumericLiteral(node.initializer))
      codes[node.name.getText()] = Number(node.initializer.text)
  return codes
}
