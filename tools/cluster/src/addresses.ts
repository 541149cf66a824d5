/** Addresses inside a cluster. Each has a network of its own, so they are the same in all. */
export const addresses = {
  node: '10.250.0.1',
  nodePrefix: 24,
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
  /** What the first address of the services is by convention: the API server. */
  api: '10.96.0.1',
  dns: '10.96.0.10',
  registry: '127.0.0.1:5000',
} as const

/** The name of the node. */
export const nodeName = 'atlas'

/** Where a cluster's folder and the toolchain's cache are seen inside: short, and the same for all. */
export const inside = { state: '/run/atlas/state', tools: '/run/atlas/tools' } as const

/** The reference by which pods name an image of the cluster's own registry. */
export function imageReference(name: string, tag: string): string {
  return `${addresses.registry}/atlas/${name}:${tag}`
}
