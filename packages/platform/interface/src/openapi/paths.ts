import { InterfaceError } from '../problem.ts'
import { sortedEntries } from '../records.ts'
import type { Operation, Parameter } from './document.ts'
import type { PlacedOperation } from './operations.ts'

/**
 * The paths of operations. Two templates that differ in the names of their fields only are one path to OpenAPI, so the
 * fields of the later one are renamed; what collides even so keeps its own names and the star that tells it apart.
 *
 * @throws InterfaceError when two operations have the same method and route.
 */
export function pathsOf(operations: readonly PlacedOperation[]): Record<string, Record<string, Operation>> {
  const paths: Record<string, Record<string, Operation>> = {}
  const templates = new Map<string, string>()
  for (const { method, route, path, operation } of operations) {
    const shape = path.replace(/\{[^}]*\}/g, '{}')
    const template = templates.get(shape) ?? path
    templates.set(shape, template)
    const taken = Object.hasOwn(paths, template) && Object.hasOwn(paths[template]!, method)
    const key = taken ? route : template
    if (Object.hasOwn(paths, key) && Object.hasOwn(paths[key]!, method))
      throw new InterfaceError('the routes of the servlets cannot be told apart', [
        {
          rule: 'interface/route',
          path: operation.operationId,
          message: `${method.toUpperCase()} ${route} is also the route of ${paths[key]![method]!.operationId}`,
          remedy: 'change one of the routes',
        },
      ])
    const names = new Map(fieldsIn(path).map((field, index) => [field, fieldsIn(key)[index]!]))
    paths[key] = { ...paths[key], [method]: renamed(operation, names) }
  }
  return Object.fromEntries(sortedEntries(paths))
}

function fieldsIn(path: string): string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, field]) => field!)
}

function renamed(operation: Operation, names: ReadonlyMap<string, string>): Operation {
  if (!operation.parameters) return operation
  const rename = (parameter: Parameter): Parameter => {
    const name = parameter.in === 'path' ? names.get(parameter.name)! : parameter.name
    // What the field is called in the contract, so that it can be told from the description.
    return name === parameter.name ? parameter : { ...parameter, name, 'x-field': parameter.name }
  }
  return { ...operation, parameters: operation.parameters.map(rename) }
}
