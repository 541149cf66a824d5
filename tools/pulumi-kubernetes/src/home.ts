import { access, copyFile, link, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { find, type Places, standInMark, toolsNamed, versionOfPulumi } from '@atlas/tools-toolchain'
import { providerVersion } from './provider.ts'

/** By what a file of ours is told from an official one, which is never touched. */
const marker = `# ${standInMark}.`

/** What was found or put into a Pulumi home. */
export interface Placed {
  readonly path: string
  /** `stand-in` is ours, `official` was there already. */
  readonly state: 'stand-in' | 'official'
}

/** The folder where Pulumi keeps its plugins, and where the npm package `pulumi` looks for the command. */
export function pulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  return env.PULUMI_HOME || join(homedir(), '.pulumi')
}

/**
 * Fills a Pulumi home for places where nothing can be downloaded: the command, which is one of this version on PATH or the one that the
 * toolchain built, and beside it the language host; the provider among the plugins. What is there and is not ours stays.
 *
 * @param workspace the checkout whose stand-ins run when the folder of a program is in none
 * @throws Error when the command is in none of these places
 */
export async function fillHome(home: string, workspace: string, places: Places = {}): Promise<Placed[]> {
  const [tool] = toolsNamed(['pulumi'])
  const bin = join(home, 'versions', tool!.version, 'bin')
  const command = join(bin, 'pulumi')
  const placed: Placed[] = []
  if (await exists(command)) {
    placed.push({ path: command, state: (await exists(`${command}.stand-in`)) ? 'stand-in' : 'official' })
  } else {
    const onPath = await find(tool!, places)
    const installed = onPath?.state === 'installed' ? onPath.binaries.pulumi : undefined
    const version = installed === undefined ? undefined : await versionOfPulumi(installed)
    if (installed !== undefined && version === tool!.version) {
      // By a link, so that it finds its own language host beside it.
      await rm(`${command}.stand-in`, { force: true })
      await place(command, (temporary) => symlink(installed, temporary))
      placed.push({ path: command, state: 'official' })
    } else {
      const built = await find({ ...tool!, installed: 'never' }, places)
      if (!built) {
        const other = installed === undefined ? '' : ` (${installed} is ${version ?? 'of no known version'})`
        throw new Error(
          `Pulumi ${tool!.version} has not been built, and ${command} is not there${other}: npm run toolchain -- build pulumi${installed === undefined ? '' : ' --own'}`,
        )
      }
      // First what says that it is ours: a run that is killed in between leaves nothing that looks official.
      await mkdir(bin, { recursive: true })
      await writeFile(`${command}.stand-in`, `${marker} It was built from source by tools/toolchain.\n`)
      await place(command, (temporary) =>
        // A link where that is possible: it is 250 MB.
        link(built.binaries.pulumi!, temporary).catch(() => copyFile(built.binaries.pulumi!, temporary)),
      )
      placed.push({ path: command, state: 'stand-in' })
    }
  }
  placed.push(await placeScript(join(bin, 'pulumi-language-nodejs'), 'language-main.ts', workspace))
  placed.push(await placeScript(pluginIn(home), 'provider-main.ts', workspace))
  return placed
}

/** Where the engine looks for the provider. */
function pluginIn(home: string): string {
  return join(home, 'plugins', `resource-kubernetes-v${providerVersion}`, 'pulumi-resource-kubernetes')
}

async function placeScript(path: string, main: string, workspace: string): Promise<Placed> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text !== undefined && !text.includes(marker)) return { path, state: 'official' }
  // A file that is being replaced cannot be run for a moment, by runs that go on beside this.
  if (text !== script(main, workspace)) {
    await place(path, (temporary) => writeFile(temporary, script(main, workspace), { mode: 0o755 }))
  }
  return { path, state: 'stand-in' }
}

/** A command that runs a file of this package: of the workspace that the program is in, else of the one it was made from. */
export function script(main: string, workspace: string): string {
  return `#!/bin/sh
${marker} The official one may take its place.
file=node_modules/@atlas/tools-pulumi-kubernetes/src/${main}
folder=$PWD
while [ ! -e "$folder/$file" ]; do
  if [ "$folder" = / ]; then folder='${workspace.replaceAll("'", "'\\''")}'; break; fi
  folder=$(dirname "$folder")
done
exec "$folder/node_modules/node/bin/node" "$folder/$file" "$@"
`
}

/** Writes a file beside its place and renames it: whoever looks sees all of it or nothing. */
async function place(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  await rm(temporary, { force: true })
  await write(temporary)
  await rename(temporary, path)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
