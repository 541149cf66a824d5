import { AtlasError, type BoundField, bindingOf, type Endpoint, type HttpBinding } from '@atlas/contract'
import type { EndpointRunner, Instance, RunningMount } from '@atlas/sdk'
import { deprecationHeaders } from './http/deprecation.ts'
import { limitedRunner } from './overload/limited-runner.ts'
import { createRouter, type Router } from './router.ts'

/** What a request can be for: an endpoint or a mounted app. */
export interface Served {
  readonly servlet: string
  /** Undefined for mounts. */
  readonly endpoint: string | undefined
  /** Sent with every answer. */
  readonly headers: readonly string[]
}

/** An endpoint and all that is needed to answer requests for it. */
export interface ServedEndpoint extends Served {
  readonly endpoint: string
  readonly definition: Endpoint
  readonly binding: HttpBinding
  readonly queryFields: ReadonlyMap<string, BoundField>
  readonly runner: EndpointRunner
}

/** A mounted app and where. */
export interface ServedMount extends Served {
  readonly mount: RunningMount
}

/** Where requests go. */
export interface RoutingTable {
  readonly endpoints: Router<ServedEndpoint>
  /** The mount with the longest prefix of the path. */
  mountAt(path: string): ServedMount | undefined
}

/**
 * Makes the table of what is running.
 *
 * @throws AtlasError `failed_precondition` when two of them claim the same route or prefix
 */
export function routingTable(instances: readonly Instance[]): RoutingTable {
  const owners = new Map<string, string>()
  const claim = (what: string, owner: string) => {
    const other = owners.get(what)
    if (other !== undefined)
      throw new AtlasError(
        'failed_precondition',
        `${owner} and ${other} both claim ${what}; change one of them, or serve them on different ports`,
      )
    owners.set(what, owner)
  }
  const endpoints: ServedEndpoint[] = []
  const mounts: ServedMount[] = []
  for (const instance of instances) {
    for (const [name, runner] of instance.endpoints) {
      const served = serveEndpoint(instance, name, runner)
      const { method, path } = served.binding.pattern
      // What a field is called makes no difference to which paths match.
      claim(`${method} ${path.replaceAll(/\{\w+(\*?)\}/g, '{$1}')}`, `${instance.name}.${name}`)
      endpoints.push(served)
    }
    for (const mount of instance.mounts) {
      claim(`mount ${mount.prefix}`, instance.name)
      mounts.push({ servlet: instance.name, endpoint: undefined, headers: [], mount })
    }
  }
  mounts.sort((a, b) => b.mount.prefix.length - a.mount.prefix.length)
  return {
    endpoints: createRouter(endpoints.map((target) => ({ pattern: target.binding.pattern, target }))),
    mountAt: (path) => mounts.find(({ mount }) => isUnder(path, mount.prefix)),
  }
}

function serveEndpoint(instance: Instance, name: string, runner: EndpointRunner): ServedEndpoint {
  const definition = instance.contract.endpoints[name]!
  const binding = bindingOf(definition)
  return {
    servlet: instance.name,
    endpoint: name,
    headers: deprecationHeaders(definition, instance.contract),
    definition,
    binding,
    queryFields: new Map(binding.query.map((field) => [field.name, field])),
    runner: limitedRunner(runner),
  }
}

function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}
