import { type InterfaceDocument, stringifyInterface } from '@atlas/interface'
import { errorFinding, type Finding, type Workspace } from '@atlas/manifest'
import { liveDocument } from './live-document.ts'
import { folderOf, servletsOf } from './servlets-of.ts'

/** The interface documents of a workspace as the code is now, and where the committed ones differ. */
export interface DocumentReport {
  /** By servlet. */
  readonly live: ReadonlyMap<string, InterfaceDocument>
  readonly findings: readonly Finding[]
}

/** Compares what is committed with what the code says. */
export async function staleDocuments(workspace: Workspace): Promise<DocumentReport> {
  const live = new Map<string, InterfaceDocument>()
  const findings: Finding[] = []
  await Promise.all(
    servletsOf(workspace).map(async (pkg) => {
      const made = await liveDocument(workspace.root, pkg)
      if (!made.ok) return void findings.push(made.finding)
      live.set(folderOf(pkg), made.document)
      const committed = pkg.texts['interface.json']
      if (committed === stringifyInterface(made.document)) return
      findings.push(
        errorFinding({
          rule: committed === undefined ? 'servlet/interface-missing' : 'interface/stale',
          file: `${pkg.dir}/interface.json`,
          path: '',
          message: committed === undefined ? 'does not exist' : 'is not what the contract says now',
          remedy: `run npx atlas interface ${folderOf(pkg)} and commit it`,
        }),
      )
    }),
  )
  return { live, findings }
}
