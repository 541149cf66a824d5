import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { catalogOf, readWorkspace } from '@atlas/manifest'
import {
  bundleServlet,
  type Publishing,
  platformOf,
  publishRelease,
  type Registries,
  RegistryUnavailable,
  ReleaseConflict,
  ReleaseLocked,
  takesReleases,
  UndeclaredInput,
  UnplannableWorkspace,
} from '@atlas/release'
import { CommandError, exitCode } from '../../exit-code.ts'

/** What releases are made and published with. */
export const publishing: Publishing = { bundleServlet, platformOf, publishRelease }

/** Turns what may go wrong in a release into an exit code and one sentence. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error
    if (error instanceof RegistryUnavailable) throw new CommandError(error.message, exitCode.outside)
    if (error instanceof ReleaseLocked) throw new CommandError(error.message, exitCode.held)
    if (
      error instanceof ReleaseConflict ||
      error instanceof UndeclaredInput ||
      error instanceof UnplannableWorkspace ||
      error.constructor === Error
    )
      throw new CommandError(error.message)
    if (error.name === 'BundleError') throw new CommandError(error.message)
    throw error
  }
}

/** @throws CommandError where nothing says which registries are meant */
export async function registriesOf(
  root: string,
  { npm, registry }: { readonly npm?: string; readonly registry?: string },
): Promise<Registries> {
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
