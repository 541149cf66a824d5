import type { WorkspacePackage } from '../workspace/workspace.ts'
import { exportedNames, isExported } from './exported.ts'
import type { Edge } from './graph.ts'
import type { ImportRule } from './objection.ts'

const contractSubpath = './contract'

/** What servlets and libraries may import of the platform: what they are written with, never what runs them. */
const platformForProducts = ['@atlas/contract', '@atlas/sdk']

/** Imports only go down. Everything that is no platform package is above all of them. */
const row: ImportRule = ({ from, to, dev }) => {
  if (!to || to === from) return undefined
  const rule = 'imports/row'
  const [own, other] = [heightOf(from), heightOf(to)]
  if (from.kind === 'platform' && to.kind === 'platform') {
    if (other < own) return undefined
    const place =
      other === own ? `is in the same row (${own})` : `is in row ${other}, above row ${own} of ${from.name}`
    const remedy = `move what is needed into a package below row ${own}, or pass it in from above`
    return { rule, message: `which ${place}; imports only go down`, remedy }
  }
  // Tests use tools: a test runner's reporter, a cluster.
  if (other <= own || (dev && to.kind === 'tool')) return undefined
  return {
    rule,
    message: `a ${to.kind}, from a ${from.kind === 'platform' ? 'platform package' : from.kind}; imports only go down`,
    remedy: `move what is needed into ${from.kind === 'platform' ? 'a platform package' : 'a library'}, or pass it in from above`,
  }
}

/** A servlet is replaced, scaled and released alone, so nothing may know it but by its contract. */
const servletInside: ImportRule = ({ from, to, target }) => {
  if (to?.kind !== 'servlet' || to === from) return undefined
  if (target.by === 'name' && target.subpath === contractSubpath) return undefined
  return {
    rule: 'imports/servlet-inside',
    message: `which is inside the servlet ${to.name}; only its contract is for others`,
    remedy: `import from '${to.name}/contract', and ask its owner for an endpoint where the contract lacks one`,
  }
}

const servletKind: ImportRule = ({ from, target, dev }) => {
  if ((from.kind !== 'servlet' && from.kind !== 'library') || target.by !== 'name') return undefined
  const name = target.package
  if (!name.startsWith('@atlas/') || platformForProducts.includes(name)) return undefined
  // A test may run the real thing, and says so in devDependencies.
  if (dev && Object.hasOwn(from.devDependencies, name)) return undefined
  return {
    rule: 'imports/servlet-kind',
    message: `which runs servlets; a ${from.kind} imports only ${platformForProducts.join(' and ')} of the platform`,
    remedy: dev
      ? `use open() of @atlas/sdk, or add ${name} to devDependencies for this test`
      : 'take it from the context (ctx) of a handler, or from @atlas/sdk',
  }
}

const visibility: ImportRule = ({ from, to }, { catalog, owners }) => {
  if (to?.kind !== 'library' || to === from) return undefined
  const library = catalog.libraries.find(({ package: name }) => name === to.name)
  if (!library) return undefined
  const owner = owners.get(from.name)
  if (owner === library.owner) return undefined
  const names = ['public', from.name, ...(owner === undefined ? [] : [`team:${owner}`])]
  if (library.visibility.some((entry) => names.includes(entry))) return undefined
  const audience = [`its owner (${library.owner})`, ...library.visibility].join(', ')
  return {
    rule: 'imports/visibility',
    message: `a library that is visible to ${audience} only, and not to ${from.name}${owner === undefined ? '' : ` of ${owner}`}`,
    remedy: `ask ${library.owner} to add '${owner === undefined ? from.name : `team:${owner}`}' to visibility in ${library.dir}/library.json`,
  }
}

const deep: ImportRule = ({ from, to, target, specifier }) => {
  const rule = 'imports/deep'
  if (target.by === 'path') {
    const remedy = to ? `import from '${to.name}' what its exports name` : 'move the file into the package'
    return { rule, message: `which leaves the package ${from.name}`, remedy }
  }
  if (!to || isExported(to.exports, target.subpath)) return undefined
  const names = exportedNames(to.exports).map((name) => `'${name.replace('.', to.name)}'`)
  return {
    rule,
    message: `which ${to.name} does not export`,
    remedy:
      names.length === 0
        ? `add "exports" to ${to.dir}/package.json`
        : `import ${names.join(' or ')}, or add '${specifier.replace(to.name, '.')}' to exports in ${to.dir}/package.json`,
  }
}

const undeclared: ImportRule = ({ from, to, dev, target }, { rootDependencies }) => {
  if (target.by !== 'name' || to === from) return undefined
  const name = target.package
  if (Object.hasOwn(from.dependencies, name)) return undefined
  if (dev && Object.hasOwn(from.devDependencies, name)) return undefined
  // Tools and infra never leave the workspace, nor do tests: there, what the root installs is enough.
  const stays = dev || from.kind === 'tool' || from.kind === 'infra'
  if (stays && (Object.hasOwn(rootDependencies, name) || Object.hasOwn(from.devDependencies, name)))
    return undefined
  const onlyDev = Object.hasOwn(from.devDependencies, name)
  return {
    rule: 'imports/undeclared',
    message: onlyDev
      ? `which is in devDependencies, from a file that is not a test`
      : 'which package.json does not name',
    remedy: `${onlyDev ? 'move it' : `add "${name}"${to ? ': "*"' : ''}`} to ${dev ? 'devDependencies' : 'dependencies'} in ${from.dir}/package.json`,
  }
}

/**
 * The rules about single imports, the most telling first: an import is reported once, because an advice to declare
 * what must not be imported at all would mislead.
 */
export const importRules: readonly ImportRule[] = [
  servletInside,
  servletKind,
  row,
  visibility,
  deep,
  undeclared,
]

function heightOf({ kind, row }: WorkspacePackage): number {
  if (kind === 'platform') return row ?? 0
  return { library: 100, servlet: 200, tool: 300, infra: 300 }[kind]
}

/** The package of an edge's other end by the unit that may be in a cycle. */
export function isContractImport({ to, target }: Edge): boolean {
  return to?.kind === 'servlet' && target.by === 'name' && target.subpath === contractSubpath
}
