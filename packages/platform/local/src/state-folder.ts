import { join } from 'node:path'

/** What tells data of one environment and namespace from others: `local`, `local.feature-x`. */
export function spaceOf(environment: string, namespace: string | undefined): string {
  return namespace === undefined ? environment : `${environment}.${namespace}`
}

/** The folder of all that a workspace's servlets keep on this machine in an environment and namespace. */
export function stateFolder(root: string, environment: string, namespace: string | undefined): string {
  return join(root, '.atlas', spaceOf(environment, namespace))
}
