import { posix } from 'node:path'
import { cyclesOf } from '../cycles.ts'
import { errorFinding, type Finding } from '../finding.ts'
import type { WorkspacePackage } from '../workspace/workspace.ts'
import { exportTarget } from './exported.ts'
import type { Edge, ImportGraph } from './graph.ts'
import { isContractImport } from './rules.ts'

/**
 * Cycles between packages. A servlet counts as two: its contract, and the rest, which nobody imports. So the servlets of
 * two contracts may use each other's, as long as the contracts themselves do not.
 */
export function importCycles(graph: ImportGraph, edges: readonly Edge[]): Finding[] {
  const contracts = contractFiles(graph)
  const units = new Map<string, string[]>()
  const evidence = new Map<string, Edge>()
  for (const edge of edges) {
    const { from, to, file, dev } = edge
    if (!to || to === from || dev) continue
    const source = contracts.has(file) ? `${from.name}/contract` : from.name
    const target = isContractImport(edge) ? `${to.name}/contract` : to.name
    units.set(source, [...(units.get(source) ?? []), target])
    if (!units.has(target)) units.set(target, [])
    const key = `${source} ${target}`
    if (!evidence.has(key)) evidence.set(key, edge)
  }
  return cyclesOf(units).map((cycle) => {
    const [first, second] = cycle
    const { file, line, specifier } = evidence.get(`${first} ${second}`)!
    const shown = cycle.join(' -> ')
    return errorFinding({
      rule: 'imports/cycle',
      file,
      path: `line ${line}`,
      message: `${file}:${line} imports '${specifier}', which closes a cycle: ${shown}`,
      remedy: 'move what both sides need into a package of its own that both import',
      witness: shown,
    })
  })
}

/** The files that make up the contracts of servlets: what `./contract` exports, and what that file reaches. */
function contractFiles({ workspace, files }: ImportGraph): ReadonlySet<string> {
  const byFile = new Map(files.map((file) => [file.file, file]))
  const reached = new Set(workspace.packages.filter(({ kind }) => kind === 'servlet').map(contractEntry))
  for (const file of reached)
    for (const { specifier } of byFile.get(file)?.imports ?? [])
      if (specifier.startsWith('.')) reached.add(posix.join(posix.dirname(file), specifier))
  return reached
}

function contractEntry({ dir, exports }: WorkspacePackage): string {
  return posix.join(dir, exportTarget(exports, './contract') ?? './src/contract.ts')
}
