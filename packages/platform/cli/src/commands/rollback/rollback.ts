import { join } from 'node:path'
import { type Change, compare, type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import {
  catalogOf,
  type EnvironmentLock,
  type LockedRelease,
  lockFile,
  lockText,
  parseLock,
  readLock,
  readWorkspace,
} from '@atlas/manifest'
import { hurtsOldCallers, publishedImages, tagOf } from '@atlas/release'
import { git, pinnedText, textsOf, writeAtomically } from '@atlas/release/workspace'
import { compare as compareVersions, valid } from 'semver'
import { CommandError, exitCode } from '../../exit-code.ts'
import type { Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'

/** Options of `atlas rollback`. */
export interface RollbackOptions {
  readonly cwd: string
  readonly servlet: string
  readonly env: string
  readonly to?: string
  readonly force: boolean
  readonly json: boolean
}

/** Who would be hurt by a rollback. */
interface Hurt {
  readonly caller: string
  readonly version: string
  readonly breaks: readonly Change[]
}

/**
 * `atlas rollback SERVLET --env ENV`: pins an earlier release in the environment file, and names it in the lock. First asks the
 * comparison whether the callers that run there get along with it.
 */
export async function rollback(options: RollbackOptions, output: Output): Promise<number> {
  const { servlet, env, force, json } = options
  const root = await findRoot(options.cwd)
  const { catalog } = catalogOf(await readWorkspace(root))
  mustBeOneOf('environment', env, Object.keys(catalog.environments))
  mustBeOneOf(
    'servlet',
    servlet,
    catalog.servlets.map(({ name }) => name),
  )
  const own = catalog.servlets.find(({ name }) => name === servlet)!
  const lock = await understood(() => committedLock(root, env))
  const running = lock[servlet]
  if (!running)
    throw new CommandError(
      `${servlet} does not run in ${env}: ${lockFile(env)} of the last commit does not name it; atlas release run writes it`,
    )
  const images = await publishedImages(root)
  const prefix = `${own.package}@`
  const versions = [...images.keys()]
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => tag.slice(prefix.length))
    .filter((version) => valid(version) !== null)
    .sort(compareVersions)
  const to = options.to ?? versions.filter((version) => compareVersions(version, running.version) < 0).at(-1)
  if (to === undefined || !versions.includes(to))
    throw new CommandError(
      to === undefined
        ? `there is no release of ${servlet} before ${running.version} here; if there is one, run git fetch --tags`
        : `there is no release ${to} of ${servlet} here${versions.length > 0 ? `; there are ${versions.slice(-8).join(', ')}` : ''}; if there is one, run git fetch --tags`,
    )
  const { hurts, unknown } = await hurtBy(root, { own, to, running: running.version, lock, catalog })
  const isSafe = hurts.length === 0 && unknown.length === 0
  if (isSafe || force)
    await pin(root, env, servlet, {
      version: to,
      digest: images.get(tagOf(own.package, to))!,
    })
  if (json)
    output.json({
      servlet,
      environment: env,
      from: running.version,
      to,
      done: isSafe || force,
      breaks: hurts,
      unknown,
    })
  else {
    for (const { caller, version, breaks } of hurts) {
      output.print(`${caller} ${version} in ${env} would break:`)
      for (const { message, witness } of breaks)
        output.print(`    ${message}${witness ? `, for example ${JSON.stringify(witness.value)}` : ''}`)
    }
    for (const why of unknown) output.print(`not known: ${why}`)
    if (isSafe || force)
      output.print(
        `${env} keeps ${servlet} ${to}, where it had ${running.version}; commit and push the two files`,
      )
    else output.print(`nothing was changed; roll back those callers first, or say --force`)
  }
  return isSafe || force ? exitCode.done : exitCode.refused
}

/** @throws CommandError where a lock is broken: it says what to do */
async function understood<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

/** What runs is what is committed: so a rollback that was killed, or is said twice, does not go back twice. */
async function committedLock(root: string, environment: string): Promise<EnvironmentLock> {
  const prefix = (await git(root, ['rev-parse', '--show-prefix'])).stdout.trim()
  const blob = `HEAD:${prefix}${lockFile(environment)}`
  const text = (await textsOf(root, [blob])).get(blob)
  return text === undefined ? {} : parseLock(text, lockFile(environment))
}

async function hurtBy(
  root: string,
  {
    own,
    to,
    running,
    lock,
    catalog,
  }: {
    readonly own: ReturnType<typeof catalogOf>['catalog']['servlets'][number]
    readonly to: string
    readonly running: string
    readonly lock: EnvironmentLock
    readonly catalog: ReturnType<typeof catalogOf>['catalog']
  },
): Promise<{ hurts: Hurt[]; unknown: string[] }> {
  const prefix = (await git(root, ['rev-parse', '--show-prefix'])).stdout.trim()
  const blobOf = (packageName: string, dir: string, version: string) =>
    `refs/tags/${tagOf(packageName, version)}:${prefix}${dir}/interface.json`
  const callers = catalog.servlets.filter(({ name }) => name !== own.name && lock[name])
  const texts = await textsOf(root, [
    blobOf(own.package, own.dir, to),
    blobOf(own.package, own.dir, running),
    ...callers.map((each) => blobOf(each.package, each.dir, lock[each.name]!.version)),
  ])
  const documentOf = (blob: string): InterfaceDocument | undefined => {
    const parsed = texts.has(blob) ? parseInterfaceDocument(texts.get(blob)!) : undefined
    return parsed?.ok ? parsed.value : undefined
  }
  const [before, now] = [to, running].map((version) => documentOf(blobOf(own.package, own.dir, version)))
  const unknown: string[] = []
  if (!before || !now)
    return { hurts: [], unknown: [`the interface of ${own.name} ${before ? running : to} is not at its tag`] }
  // To callers that were built against what runs, the earlier release is the new one.
  const changes = compare(now, before).changes.filter(hurtsOldCallers)
  const contracts = Object.keys(own.stores).length > 0 && (await removes(root, own, to, running))
  if (contracts)
    unknown.push(
      `${own.name} has removed something from its database since ${to}; the earlier release may still use it`,
    )
  const hurts = callers.flatMap((caller): Hurt[] => {
    const { version } = lock[caller.name]!
    const document = documentOf(blobOf(caller.package, caller.dir, version))
    if (!document) {
      unknown.push(`the interface of ${caller.name} ${version} is not at its tag`)
      return []
    }
    const uses = document.calls?.[own.name]
    if (!uses) return []
    const breaks = changes.filter(({ endpoint, rule }) =>
      endpoint === undefined ? rule.startsWith('servlet/') : uses.includes(endpoint),
    )
    return breaks.length > 0 ? [{ caller: caller.name, version, breaks }] : []
  })
  return { hurts, unknown }
}

/** Whether migrations that take something away have come between two releases. */
async function removes(
  root: string,
  { package: name, dir }: { readonly package: string; readonly dir: string },
  from: string,
  to: string,
): Promise<boolean> {
  const range = `refs/tags/${tagOf(name, from)}..refs/tags/${tagOf(name, to)}`
  const added = await git(root, ['diff', '--name-only', '--diff-filter=A', range, '--', `${dir}/migrations`])
  return added.stdout.split('\n').some((file) => file.endsWith('.contract.sql'))
}

/** The pin first: killed between the two, nothing has moved, and the next release run leaves the servlet alone. */
async function pin(
  root: string,
  environment: string,
  servlet: string,
  release: LockedRelease,
): Promise<void> {
  const lock = await understood(() => readLock(root, environment))
  const pinned = await pinnedText(root, environment, { servlet, version: release.version })
  for (const [file, text] of Object.entries(pinned)) await writeAtomically(join(root, file), text)
  await writeAtomically(join(root, lockFile(environment)), lockText({ ...lock, [servlet]: release }))
}
