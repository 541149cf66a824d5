import type { Change, InterfaceDocument } from '@atlas/interface'
import { errorFinding, type Finding, lockFile, readLocks, type Workspace } from '@atlas/manifest'
import { accepts, type Changeset } from '../changesets/changeset.ts'
import { git, textsOf } from '../git/git.ts'
import type { HeldBy, PackageFacts } from '../plan/facts.ts'

/** The tag of a release, as changesets writes it. */
export function tagOf(packageName: string, version: string): string {
  return `${packageName}@${version}`
}

/** Who is in the way of the majors that changesets ask for, and in which order their servlets go out. */
export interface HeldByCallers {
  readonly facts: { readonly heldBy: Record<string, HeldBy[]> }
  readonly findings: readonly Finding[]
}

/**
 * Compares each servlet that is to take a major step with what runs of it in every environment, and asks which of the
 * callers that run there, in the version that runs there, use what breaks.
 */
export async function heldByCallers(
  workspace: Workspace,
  packages: readonly PackageFacts[],
  changesets: readonly Changeset[],
): Promise<HeldByCallers> {
  const majors = packages.filter(
    ({ name, servlet }) => servlet && changesets.some(({ releases }) => releases.get(name) === 'major'),
  )
  const none: HeldByCallers = { facts: { heldBy: {} }, findings: [] }
  if (majors.length === 0) return none
  // Most plans compare nothing, and need not load what does.
  const { compare, parseInterfaceDocument } = await import('@atlas/interface')
  const locks = await readLocks(workspace.root)
  const servlets = packages.filter(({ servlet }) => servlet)
  const wanted = new Map<string, { readonly name: string; readonly version: string; readonly file: string }>()
  const prefix = (await git(workspace.root, ['rev-parse', '--show-prefix'])).stdout.trim()
  const blobOf = (pkg: PackageFacts, version: string) =>
    `refs/tags/${tagOf(pkg.name, version)}:${prefix}${pkg.dir}/interface.json`
  for (const [environment, lock] of Object.entries(locks))
    for (const pkg of servlets) {
      const running = lock[pkg.servlet!.name]
      if (running)
        wanted.set(blobOf(pkg, running.version), {
          name: pkg.name,
          version: running.version,
          file: lockFile(environment),
        })
    }
  const texts = await textsOf(workspace.root, [...wanted.keys()])
  const documents = new Map<string, InterfaceDocument>()
  const findings: Finding[] = []
  for (const [blob, { name, version, file }] of wanted) {
    const parsed = texts.has(blob) ? parseInterfaceDocument(texts.get(blob)!) : undefined
    if (parsed?.ok) documents.set(blob, parsed.value)
    else
      findings.push(
        errorFinding({
          rule: 'release/history',
          file,
          path: name,
          message: `${name} ${version} runs there, and its interface cannot be read: ${parsed ? 'the document at its tag is broken' : `there is no tag ${tagOf(name, version)} here`}`,
          remedy: parsed ? `repair the tag ${tagOf(name, version)}` : 'run git fetch --tags',
        }),
      )
  }
  const heldBy: Record<string, HeldBy[]> = {}
  for (const pkg of majors) {
    const { name } = pkg.servlet!
    const text = workspace.packages.find((each) => each.name === pkg.name)!.texts['interface.json']
    const now = text === undefined ? undefined : parseInterfaceDocument(text)
    if (!now?.ok) continue
    const accepting = changesets
      .filter(({ releases }) => releases.has(pkg.name))
      .flatMap((each) => each.accepts)
    for (const [environment, lock] of Object.entries(locks)) {
      const running = lock[name]
      const before = running && documents.get(blobOf(pkg, running.version))
      if (!before) continue
      const breaks = compare(before, now.value).changes.filter(
        (change) => hurtsOldCallers(change) && !accepting.some((one) => accepts(one, change)),
      )
      if (breaks.length === 0) continue
      for (const caller of servlets) {
        const deployed = caller === pkg ? undefined : lock[caller.servlet!.name]
        const uses = deployed && documents.get(blobOf(caller, deployed.version))?.calls?.[name]
        if (!uses) continue
        const hurting = breaks.filter(({ endpoint, rule }) =>
          endpoint === undefined ? rule.startsWith('servlet/') : uses.includes(endpoint),
        )
        if (hurting.length === 0) continue
        heldBy[name] ??= []
        heldBy[name].push({
          caller: caller.servlet!.name,
          owner: caller.servlet!.owner,
          environment,
          version: deployed.version,
          breaks: hurting.map(({ rule, path, message }) => ({ rule, path, message })),
        })
      }
    }
  }
  return { facts: { heldBy }, findings }
}

/** Whether a change breaks, or may break, callers that know the old interface. */
export function hurtsOldCallers({ direction, severity }: Change): boolean {
  return direction === 'old-caller' && (severity === 'breaking' || severity === 'possibly-breaking')
}
