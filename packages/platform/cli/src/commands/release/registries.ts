import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { catalogOf, readWorkspace } from '@atlas/manifest'
import { type Registries, takesReleases } from '@atlas/release'
import { CommandError, exitCode } from '../../exit-code.ts'

/** @throws CommandError where nothing says which registries are meant, or what says it is no address: before anything is pushed */
export async function registriesOf(
  root: string,
  { npm, registry }: { readonly npm?: string; readonly registry?: string },
): Promise<Registries> {
  if (npm !== undefined && (!/^https?:\/\//.test(npm) || !URL.canParse(npm)))
    throw new CommandError(`--npm ${npm} is no URL; write it as https://registry.npmjs.org`, exitCode.usage)
  return { npm: npm ?? (await npmRegistry(root)), oci: registry ?? (await ociRegistry(root)) }
}

async function npmRegistry(root: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { cwd: root })
  return stdout.trim()
}

async function ociRegistry(root: string): Promise<string> {
  const { catalog } = catalogOf(await readWorkspace(root))
  const named = Object.values(catalog.environments).filter(takesReleases)
  const names = new Set(named.flatMap(({ registry }) => registry ?? []))
  const [only] = names
  if (names.size === 1) return only!
  throw new CommandError(
    names.size === 0
      ? 'no environment names a registry for images; add "registry" to one in infra/environments, or say --registry'
      : `environments name different registries (${[...names].join(', ')}); say --registry`,
    exitCode.usage,
  )
}
