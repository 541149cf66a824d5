import type { Catalog } from '../catalog/catalog.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Edge } from './graph.ts'

/** What a rule has against an import. */
export interface Objection {
  readonly rule: string
  /** Goes on from `file:line imports 'x'`. */
  readonly message: string
  readonly remedy: string
}

/** What rules know besides the import itself. */
export interface RuleContext {
  readonly rootDependencies: Workspace['rootDependencies']
  readonly catalog: Catalog
  /** The owner of a servlet or library, by package. */
  readonly owners: ReadonlyMap<string, string>
}

/** A rule about one import. */
export type ImportRule = (edge: Edge, context: RuleContext) => Objection | undefined
