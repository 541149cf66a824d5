import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { executable, onPath } from './find.ts'

const run = promisify(execFile)

/** Something that deployments use where it is installed; nothing of ours takes its place then. */
export interface Official {
  readonly name: 'pulumi' | 'kubernetes provider' | 'node language host' | 'kubectl' | 'cluster'
  /** A path; of a cluster its context and where that is written. */
  readonly where: string
}

/** By what the stand-ins of tools/pulumi-kubernetes say what they are. */
export const standInMark = 'A stand-in by tools/pulumi-kubernetes'

/** What of Pulumi and Kubernetes this machine has of its own: the command, its plugins, kubectl, a cluster. */
export async function official(env: NodeJS.ProcessEnv = process.env): Promise<Official[]> {
  const pulumi = (await onPath(['pulumi'], env))?.pulumi
  const kubectl = (await onPath(['kubectl'], env))?.kubectl
  const home = env.PULUMI_HOME || join(env.HOME || homedir(), '.pulumi')
  const found: { name: Official['name']; where: string | undefined }[] = [
    { name: 'pulumi', where: pulumi ?? (await launched(home)) },
    { name: 'kubernetes provider', where: await providerIn(home, env) },
    { name: 'node language host', where: await hostIn(home, pulumi, env) },
    { name: 'kubectl', where: kubectl },
    { name: 'cluster', where: await currentCluster(env) },
  ]
  return found.flatMap(({ name, where }) => (where === undefined ? [] : [{ name, where }]))
}

/** A command that the launcher of the npm package brought into the home, and not we. */
async function launched(home: string): Promise<string | undefined> {
  for (const version of await namesIn(join(home, 'versions'))) {
    const path = join(home, 'versions', version, 'bin', 'pulumi')
    const ours = await readFile(`${path}.stand-in`, 'utf8').catch(() => '')
    if (ours === '' && (await executable(path))) return path
  }
  return undefined
}

async function providerIn(home: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const name = 'pulumi-resource-kubernetes'
  // One on PATH is what the engine takes first.
  const there = (await onPath([name], env))?.[name]
  if (there !== undefined) return there
  for (const plugin of (await namesIn(join(home, 'plugins'))).toReversed()) {
    const path = join(home, 'plugins', plugin, name)
    if (/^resource-kubernetes-v[\d.]+$/.test(plugin) && (await isOfficial(path))) return path
  }
  return undefined
}

async function hostIn(
  home: string,
  pulumi: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const name = 'pulumi-language-nodejs'
  const versions = (await namesIn(join(home, 'versions'))).map((version) =>
    join(home, 'versions', version, 'bin'),
  )
  const folders = [...(pulumi === undefined ? [] : [dirname(pulumi)]), ...versions]
  for (const folder of folders) if (await isOfficial(join(folder, name))) return join(folder, name)
  return (await onPath([name], env))?.[name]
}

async function isOfficial(path: string): Promise<boolean> {
  if (!(await executable(path))) return false
  return !(await readFile(path)).subarray(0, 1_000).includes(standInMark)
}

/** The current context by the rules of kubectl, and the file that says it. Whether the cluster answers is not asked. */
async function currentCluster(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const files = env.KUBECONFIG
    ? env.KUBECONFIG.split(delimiter)
    : [join(env.HOME || homedir(), '.kube', 'config')]
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    // YAML or JSON; a context of the empty string is none.
    const context = /(?:^|[{,])\s*"?current-context"?:\s*"?([^",\s}]+)/m.exec(text)?.[1]
    if (context !== undefined) return `${context} (${file})`
  }
  return undefined
}

/** The version that an installed `pulumi` says it is, without the v; undefined when it says none. */
export async function versionOfPulumi(path: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' }
  const { stdout } = await run(path, ['version'], { env }).catch(() => ({ stdout: '' }))
  return /^v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(stdout)?.[1]
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).toSorted()
}
