import { errorFinding, type Finding, inOrder } from '../finding.ts'
import { edgesOf, type ImportGraph } from './graph.ts'
import { importCycles } from './import-cycles.ts'
import type { RuleContext } from './objection.ts'
import { importRules } from './rules.ts'

/** Everything that is wrong with who imports whom. Pure. Each import is reported at most once, besides cycles. */
export function checkImports(graph: ImportGraph): readonly Finding[] {
  const { workspace, catalog } = graph
  const context: RuleContext = {
    rootDependencies: workspace.rootDependencies,
    catalog,
    owners: new Map([...catalog.servlets, ...catalog.libraries].map((each) => [each.package, each.owner])),
  }
  const edges = [...edgesOf(graph)].sort((a, b) =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line,
  )
  const findings = edges.flatMap((edge) => {
    for (const rule of importRules) {
      const objection = rule(edge, context)
      if (!objection) continue
      const { file, line, specifier } = edge
      const message = `${file}:${line} imports '${specifier}', ${objection.message}`
      return errorFinding({
        rule: objection.rule,
        file,
        path: `line ${line}`,
        message,
        remedy: objection.remedy,
      })
    }
    return []
  })
  return inOrder([...findings, ...rowless(graph), ...importCycles(graph, edges)])
}

/** Without a row, nothing could be said about a package's imports. */
function rowless({ workspace }: ImportGraph): Finding[] {
  return workspace.packages
    .filter(({ kind, row }) => kind === 'platform' && row === undefined)
    .map(({ name, dir }) =>
      errorFinding({
        rule: 'imports/row',
        file: `${dir}/package.json`,
        path: 'nx.tags',
        message: `${name} has no row, so nobody can say what it may import`,
        remedy: 'add its row, as in "nx": { "tags": ["row:3"] }',
      }),
    )
}
