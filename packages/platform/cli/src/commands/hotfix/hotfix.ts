import { catalogOf, readWorkspace } from '@atlas/manifest'
import { beginHotfix, releaseHotfix, webhookNotifier } from '@atlas/release'
import { CommandError, exitCode } from '../../exit-code.ts'
import { staleDocuments } from '../../interface/stale-documents.ts'
import { formatFindings, type Output } from '../../output.ts'
import { mustBeOneOf } from '../../suggest.ts'
import { findRoot } from '../../workspace/find-root.ts'
import { explained } from '../release/explained.ts'
import { registriesOf } from '../release/registries.ts'
import { making } from '../release/releasing.ts'
import { linesOf } from '../release/run.ts'

/** Options of `atlas hotfix`. */
export interface HotfixCommandOptions {
  readonly cwd: string
  readonly servlet: string
  readonly from?: string
  readonly release: boolean
  readonly env: readonly string[]
  readonly onto?: string
  readonly force: boolean
  readonly tests: boolean
  readonly webhook: readonly string[]
  readonly npm?: string
  readonly registry?: string
  readonly json: boolean
}

/** `atlas hotfix SERVLET --from VERSION`, and `--release` once the fix is committed. */
export function hotfix(options: HotfixCommandOptions, output: Output): Promise<number> {
  if ((options.from === undefined) !== options.release)
    throw new CommandError(
      options.release
        ? '--from begins a fix and --release releases it; say one of them'
        : `say --from VERSION, the release to fix, or --release once the fix is committed`,
      exitCode.usage,
    )
  return explained(async () => {
    const root = await findRoot(options.cwd)
    return await (options.release ? finish(root, options, output) : begin(root, options, output))
  })
}

async function begin(
  root: string,
  { servlet, from, json }: HotfixCommandOptions,
  output: Output,
): Promise<number> {
  const { catalog } = catalogOf(await readWorkspace(root))
  mustBeOneOf(
    'servlet',
    servlet,
    catalog.servlets.map(({ name }) => name),
  )
  const own = catalog.servlets.find(({ name }) => name === servlet)!
  const begun = await beginHotfix(root, { servlet, package: own.package }, from!)
  if (json)
    output.json({
      servlet,
      from,
      branch: begun.branch,
      resumed: begun.resumed,
      onto: begun.trunk.branch,
      installs: begun.installs,
    })
  else {
    output.print(
      `${begun.branch} ${begun.resumed ? 'is checked out as it was' : `starts at ${servlet} ${from}`}`,
    )
    if (begun.installs) output.print('its packages are others: run npm ci')
    output.print(`commit the fix, then run npx atlas hotfix ${servlet} --release`)
  }
  return exitCode.done
}

async function finish(root: string, options: HotfixCommandOptions, output: Output): Promise<number> {
  const { servlet, env, onto, force, tests, webhook, json } = options
  const registries = await registriesOf(root, options)
  await mustBeFresh(root, servlet, output)
  const made = await releaseHotfix(root, {
    registries,
    publishing: making,
    servlet,
    environments: env,
    force,
    tests,
    ...(onto !== undefined && { onto }),
    notifiers: webhook.map((url) => webhookNotifier(url)),
    onEvent: (event) => {
      for (const line of linesOf(event)) output.note(line)
    },
  })
  if (json) output.json(made)
  else {
    const { to, from, environments, trunk } = made
    output.print(`${servlet} ${to}, a fix of ${from}, is released`)
    output.print(
      environments.length > 0
        ? `${environments.join(', ')} will run it, as ${trunk} says now`
        : 'no environment was changed',
    )
    output.print(
      `${trunk} must contain it before ${servlet} is released again: git switch ${trunk} && git pull && git merge ${made.package}@${to}`,
    )
  }
  return made.stopped.length > 0 ? exitCode.held : exitCode.done
}

/** The interface gate reads the committed document: a stale one would prove nothing. */
async function mustBeFresh(root: string, servlet: string, output: Output): Promise<void> {
  const workspace = await readWorkspace(root)
  const own = workspace.packages.filter(({ dir }) => dir === `packages/servlets/${servlet}`)
  const { findings } = await staleDocuments({ ...workspace, packages: own })
  if (findings.length === 0) return
  for (const line of formatFindings(findings)) output.note(line)
  throw new CommandError('the interface document is not what the code says; see above')
}
