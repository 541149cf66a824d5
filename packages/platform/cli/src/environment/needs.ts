import type { KubernetesObject } from '@atlas/provision'

/** Kinds that not every cluster has: their API group, what has them, and how it comes to a cluster. */
const addons: Readonly<Record<string, { readonly name: string; readonly remedy: string }>> = {
  'gateway.networking.k8s.io': {
    name: 'the Gateway API',
    remedy: 'install Envoy Gateway, whose chart has it (https://gateway.envoyproxy.io/docs/install)',
  },
  'gateway.envoyproxy.io': {
    name: 'Envoy Gateway',
    remedy: 'install it (https://gateway.envoyproxy.io/docs/install)',
  },
  'keda.sh': { name: 'KEDA', remedy: 'install it (https://keda.sh/docs/latest/deploy)' },
  'monitoring.coreos.com': {
    name: 'the Prometheus operator',
    remedy:
      'install it, or a distribution of it such as kube-prometheus-stack (https://prometheus-operator.dev/docs/getting-started/installation)',
  },
  'flagger.app': {
    name: 'Flagger',
    remedy:
      'install it with meshProvider=gatewayapi:v1 (https://docs.flagger.app/install), or set "rollout": { "canary": false } in the defaults of the environment',
  },
}

/**
 * What a cluster lacks to take these objects, a line each with the remedy. `served` are the `group/version`s that it has; kinds of Kubernetes itself
 * are not asked for.
 */
export function lackingFor(objects: readonly KubernetesObject[], served: ReadonlySet<string>): string[] {
  const lacking = new Map<string, { version: string; kinds: Set<string> }>()
  for (const { apiVersion, kind } of objects) {
    const [group] = apiVersion.split('/')
    if (!Object.hasOwn(addons, group!) || served.has(apiVersion)) continue
    const found = lacking.get(group!) ?? { version: apiVersion, kinds: new Set() }
    lacking.set(group!, { ...found, kinds: found.kinds.add(kind) })
  }
  return [...lacking].map(([group, { version, kinds }]) => {
    const { name, remedy } = addons[group]!
    const older = [...served].some((each) => each.startsWith(`${group}/`))
    return `${name} (${[...kinds].sort().join(', ')} of ${version}${older ? '; it has another version' : ''}): ${remedy}`
  })
}
