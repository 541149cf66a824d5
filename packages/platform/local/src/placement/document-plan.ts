import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import { type CatalogServlet, catalogOf, type Finding, readWorkspace, type Workspace } from '@atlas/manifest'
import { environmentIn, type ReadEnvironment } from '../environment-file.ts'
import { sentenceOf } from '../finding-sentence.ts'

/** What runs where, by what is committed: no product code is loaded to know it. */
export interface DocumentPlan extends ReadEnvironment {
  readonly servlets: readonly CatalogServlet[]
  /** Servlets that cannot start, by name, with the first reason. */
  readonly broken: ReadonlyMap<string, string>
  /** All servlets whose manifests can be read, broken ones included. */
  readonly known: readonly CatalogServlet[]
  /** Read anew at each call: few ask for it. */
  readonly documentOf: (servlet: string) => InterfaceDocument | undefined
  /** Servlets without a document. Nobody knows their routes before they ran. */
  readonly undocumented: ReadonlySet<string>
}

/** Findings that only say that a document is missing or damaged: then the code has the say. */
const documentRules: ReadonlySet<string> = new Set(['servlet/interface-missing', 'servlet/interface-invalid'])

/**
 * Reads the workspace.
 *
 * @param outlines of servlets that ran, as their code has it: they count in place of committed documents
 */
export async function documentPlan(
  root: string,
  environment: string,
  outlines: ReadonlyMap<string, object>,
): Promise<DocumentPlan> {
  return planOf(await readWorkspace(root), environment, outlines)
}

function planOf(
  workspace: Workspace,
  environment: string,
  outlines: ReadonlyMap<string, object>,
): DocumentPlan {
  const { catalog, findings } = catalogOf(workspace, { documents: outlines })
  const broken = new Map<string, string>()
  const undocumented = new Set<string>()
  const reasons = firstErrors(findings)
  const texts = new Map<string, string | undefined>()
  for (const { dir, kind, texts: own } of workspace.packages) {
    if (kind !== 'servlet') continue
    const name = dir.slice(dir.lastIndexOf('/') + 1)
    texts.set(name, own['interface.json'])
    const reason = reasons.get(dir)
    if (reason) broken.set(name, sentenceOf(reason))
  }
  for (const { rule, file } of findings)
    if (documentRules.has(rule)) undocumented.add(file.split('/').at(-2) ?? '')
  return {
    servlets: catalog.servlets.filter(({ name }) => !broken.has(name)),
    broken,
    known: catalog.servlets,
    ...environmentIn(catalog, findings, environment),
    documentOf: (servlet) => {
      const text = texts.get(servlet)
      const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
      return parsed?.ok ? parsed.value : undefined
    },
    undocumented,
  }
}

/** By folder, the first error that keeps a servlet from starting. */
function firstErrors(findings: readonly Finding[]): Map<string, Finding> {
  const first = new Map<string, Finding>()
  for (const finding of findings) {
    if (finding.severity !== 'error' || documentRules.has(finding.rule)) continue
    const dir = finding.file.slice(0, finding.file.lastIndexOf('/'))
    if (!first.has(dir)) first.set(dir, finding)
  }
  return first
}
