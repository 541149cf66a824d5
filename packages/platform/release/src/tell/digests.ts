import type { Catalog } from '@atlas/manifest'
import { hurtsOldCallers, tagOf } from '../gather/held-by.ts'
import type { Links } from '../git/links.ts'
import type { HeldRelease, PlannedRelease } from '../plan/plan.ts'
import type { Proof } from '../vet/interface-gate.ts'

/** What releases mean to one team. */
export interface OwnerDigest {
  readonly owner: string
  /** Where the team is reached. */
  readonly contact: string
  /** Markdown. */
  readonly text: string
}

/** What a digest is made of. */
export interface News {
  readonly releases: readonly PlannedRelease[]
  readonly held: readonly HeldRelease[]
  readonly notes: ReadonlyMap<string, string>
  readonly proofs: ReadonlyMap<string, Proof>
  readonly catalog: Catalog
  /** Where the host of the code is known. */
  readonly links?: Links | undefined
}

/** What to tell whom: to owners what of theirs is released or held, to owners of callers what has changed of what they use. Pure. */
export function digestsOf({ releases, held, notes, proofs, catalog, links }: News): OwnerDigest[] {
  const parts = new Map<string, string[]>()
  const say = (owner: string, text: string) => {
    const said = parts.get(owner) ?? []
    said.push(text)
    parts.set(owner, said)
  }
  for (const { servlet, owner, package: name, to } of releases) {
    if (servlet === undefined || owner === undefined) continue
    say(
      owner,
      `## ${servlet} ${to} is released\n\n${(notes.get(name) ?? '').split('\n').slice(2).join('\n').trim()}`,
    )
    const changes =
      proofs.get(servlet)?.comparison.changes.filter(({ direction }) => direction === 'old-caller') ?? []
    for (const caller of catalog.servlets) {
      const uses = caller.calls[servlet]
      if (uses === undefined) continue
      const concerning = changes.filter(({ endpoint, rule }) =>
        endpoint === undefined ? rule.startsWith('servlet/') : uses.includes(endpoint),
      )
      if (concerning.length === 0) continue
      const lines = concerning.map(
        (change) =>
          `- ${hurtsOldCallers(change) ? '**breaks you**: ' : ''}${change.message}${hurtsOldCallers(change) ? `; ${change.remedy}` : ''}`,
      )
      const changelog = `${catalogDir(catalog, servlet)}/CHANGELOG.md`
      const see = links ? links.file(changelog, tagOf(name, to)) : changelog
      say(
        caller.owner,
        `## ${servlet} ${to}, which ${caller.name} calls\n\n${lines.join('\n')}\n\nSee its changelog: ${see}`,
      )
    }
  }
  for (const { servlet, by, steps } of held) {
    const own = catalog.servlets.find(({ name }) => name === servlet)
    const list = steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
    if (own) say(own.owner, `## ${servlet} is not released\n\n${list}`)
    for (const { caller, owner, environment, version, breaks } of by)
      say(
        owner,
        `## ${servlet} waits for ${caller}\n\n${caller} ${version} runs in ${environment} and uses what the next major of ${servlet} takes away:\n\n${breaks.map(({ message }) => `- ${message}`).join('\n')}\n\n${list}`,
      )
  }
  return [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([owner, texts]) => ({
      owner,
      contact: catalog.teams[owner]?.contact ?? '',
      text: `# Releases: what concerns ${catalog.teams[owner]?.name ?? owner}\n\n${texts.join('\n\n')}\n`,
    }))
}

function catalogDir(catalog: Catalog, servlet: string): string {
  return catalog.servlets.find(({ name }) => name === servlet)?.dir ?? servlet
}
