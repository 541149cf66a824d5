import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import semver from 'semver'
import { RegistryRefused } from '../registry/errors.ts'
import { Fleeting, type Patience, patiently } from '../registry/patience.ts'
import type { ContractPackage } from './contract-package.ts'
import { runNpm } from './run-npm.ts'

/** What an npm registry has of a package. */
export interface KnownPackage {
  readonly versions: ReadonlyMap<string, { readonly integrity: string }>
  readonly latest: string | undefined
}

/** Asks an npm registry for a package. A package that nobody published has no versions. */
export async function knownPackage(
  registry: string,
  name: string,
  patience: Patience,
): Promise<KnownPackage> {
  const url = `${registry.replace(/\/+$/, '')}/${name.replace('/', '%2f')}`
  const authorization = await authorizationFor(registry)
  return patiently(`GET ${url}`, patience, async (signal) => {
    const response = await fetch(url, {
      headers: { accept: 'application/vnd.npm.install-v1+json, application/json', ...authorization },
      signal,
    })
    const body = await response.text()
    if (response.status === 404) return { versions: new Map(), latest: undefined }
    if (response.status === 401 || response.status === 403)
      throw new RegistryRefused(
        `GET ${url} is not allowed (${response.status}); log in: npm login --registry ${registry}`,
      )
    if (!response.ok) throw new Fleeting(`it answers ${response.status} ${body.slice(0, 200)}`)
    let document: {
      versions?: Record<string, { dist: { integrity?: string } }>
      'dist-tags'?: { latest?: string }
    }
    try {
      document = JSON.parse(body)
    } catch (cause) {
      throw new Fleeting('its answer is no JSON', { cause })
    }
    const versions = Object.entries(document.versions ?? {}).map(
      ([version, { dist }]) => [version, { integrity: dist.integrity ?? '' }] as const,
    )
    return { versions: new Map(versions), latest: document['dist-tags']?.latest }
  })
}

/**
 * Publishes a package by npm itself, which knows how this machine logs in. A registry that has taken it and whose answer was
 * lost is asked what it has.
 */
export async function publishPackage(
  registry: string,
  made: ContractPackage,
  known: KnownPackage,
  patience: Patience,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-publish-'))
  try {
    const file = join(folder, 'package.tgz')
    await writeFile(file, made.tarball)
    const { timeoutMs = 30_000 } = patience
    // npm has its own time limits; this one ends it when they do not.
    await patiently(
      `npm publish ${made.name}@${made.version}`,
      { ...patience, timeoutMs: timeoutMs * 4 },
      async (signal) => {
        try {
          await runNpm(
            [
              'publish',
              file,
              `--registry=${registry}`,
              `--tag=${tagOf(made.version, known.latest)}`,
              '--ignore-scripts',
              '--fetch-retries=0',
              `--fetch-timeout=${timeoutMs}`,
              '--loglevel=error',
              '--no-audit',
            ],
            folder,
            signal,
          )
        } catch (error) {
          const now = await knownPackage(registry, made.name, { ...patience, attempts: 1 })
          if (now.versions.get(made.version)?.integrity === made.integrity) return
          throw reasonOf(error as Error & { stderr?: string }, registry)
        }
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An older line must not become what everybody gets. */
function tagOf(version: string, latest: string | undefined): string {
  if (semver.prerelease(version)) return 'next'
  if (latest === undefined || semver.gte(version, latest)) return 'latest'
  return `release-${semver.major(version)}.${semver.minor(version)}`
}

function reasonOf(error: Error & { stderr?: string }, registry: string): Error {
  const said = (error.stderr ?? error.message).trim()
  const code = /npm error code (\S+)/.exec(said)?.[1] ?? ''
  if (['E401', 'E403', 'ENEEDAUTH'].includes(code))
    return new RegistryRefused(`npm may not publish (${code}); log in: npm login --registry ${registry}`)
  if (/^E(4\d\d)$/.test(code) && !['E408', 'E429', 'E409'].includes(code))
    return new RegistryRefused(`npm publish was refused: ${said.slice(0, 400)}`)
  return new Fleeting(said.split('\n').slice(0, 3).join(' ').slice(0, 400), { cause: error })
}

/** The token that `npm login` left for a registry, for reading. */
async function authorizationFor(registry: string): Promise<Record<string, string>> {
  const { host, pathname } = new URL(registry)
  const key = `//${host}${pathname.replace(/\/?$/, '/')}:_authToken=`
  for (const file of [
    process.env.NPM_CONFIG_USERCONFIG ?? process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
  ]) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const line = text.split('\n').find((each) => each.trim().startsWith(key))
    const token = line
      ?.trim()
      .slice(key.length)
      .replace(/\$\{(\w+)\}/g, (_, name) => process.env[name] ?? '')
    if (token) return { authorization: `Bearer ${token}` }
  }
  return {}
}
