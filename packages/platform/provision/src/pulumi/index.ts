export { clusterProvider } from './cluster-provider.ts'
export type { Transform } from './object-set.ts'
export { PlatformBase, type PlatformBaseArgs } from './platform-base.ts'
export { ServletCluster, type ServletClusterArgs } from './servlet-cluster.ts'
