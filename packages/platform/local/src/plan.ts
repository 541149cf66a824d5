import { type InterfaceDocument, parseInterfaceDocument } from '@atlas/interface'
import { type CatalogServlet, catalogOf, type Finding, readWorkspace, type Workspace } from '@atlas/manifest'
import type { Servlet } from '@atlas/sdk'
import { environmentIn, type ReadEnvironment } from './environment-file.ts'
import { sentenceOf } from './finding-sentence.ts'
import { loadServlet } from './load-servlet.ts'
import { outlineOf } from './outline.ts'

/** A servlet that can be started. */
export interface Startable {
  readonly entry: CatalogServlet
  readonly servlet: Servlet
}

/** What a start will do: which servlets, where, and what is in the way of others. */
export interface LocalPlan extends ReadEnvironment {
  readonly servlets: readonly Startable[]
  /** Servlets that cannot start, by name, with the first reason. */
  readonly broken: ReadonlyMap<string, string>
  /** All servlets whose manifests can be read, broken ones included. */
  readonly known: readonly CatalogServlet[]
  /** The committed interface document of a servlet: the numbers that its gRPC messages have. */
  readonly documentOf: (servlet: string) => InterfaceDocument | undefined
  readonly findings: readonly Finding[]
}

/**
 * Reads the workspace and loads the code of every servlet. A servlet with an error is left out; the others start.
 *
 * @param environment the name of a file in `infra/environments`
 */
export async function planLocal(root: string, environment: string): Promise<LocalPlan> {
  const workspace = await readWorkspace(root)
  const loaded = await Promise.all(
    workspace.packages
      .filter((pkg) => pkg.kind === 'servlet')
      .map(async ({ dir }) => ({ dir, name: nameOf(dir), loaded: await loadServlet(workspace.root, dir) })),
  )
  const servlets = new Map(
    loaded.flatMap(({ dir, loaded }) => (loaded.ok ? [[dir, loaded.servlet] as const] : [])),
  )
  const documents = new Map([...servlets].map(([dir, servlet]) => [nameOf(dir), outlineOf(servlet)]))
  const { catalog, findings } = catalogOf(workspace, { documents })
  const all = [
    ...loaded.flatMap(({ loaded }) => (loaded.ok ? [] : [loaded.finding])),
    ...findings.filter(matters),
  ]
  const broken = new Map<string, string>()
  for (const { dir, name } of loaded) {
    const reason = all.find((finding) => finding.severity === 'error' && finding.file.startsWith(`${dir}/`))
    if (reason) broken.set(name, sentenceOf(reason))
  }
  return {
    servlets: catalog.servlets.flatMap((entry) => {
      const servlet = servlets.get(entry.dir)
      return servlet && !broken.has(entry.name) ? [{ entry, servlet }] : []
    }),
    broken,
    known: catalog.servlets,
    documentOf: committedDocuments(workspace),
    ...environmentIn(catalog, findings, environment),
    findings: all,
  }
}

/** A document that was not generated yet, or could not be for lack of code, is a matter of `atlas check`. */
function matters({ rule }: Finding): boolean {
  return rule !== 'servlet/interface-missing' && rule !== 'servlet/interface-invalid'
}

/** A document that cannot be read counts as none: `atlas check` says so, and a start does without. */
function committedDocuments({ packages }: Workspace): LocalPlan['documentOf'] {
  const texts = new Map(packages.map(({ dir, texts }) => [nameOf(dir), texts['interface.json']]))
  return (servlet) => {
    const text = texts.get(servlet)
    const parsed = text === undefined ? undefined : parseInterfaceDocument(text)
    return parsed?.ok ? parsed.value : undefined
  }
}

function nameOf(dir: string): string {
  return dir.slice(dir.lastIndexOf('/') + 1)
}
