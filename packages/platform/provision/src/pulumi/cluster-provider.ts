import { Provider } from '@pulumi/kubernetes/provider.js'
import type { Placement } from '../placement.ts'

/**
 * The cluster of an environment, explicitly: one that is current by chance gets nothing. The environment's name identifies it, so that another
 * address of the same cluster is not another cluster. What exists already is taken over, because a deployment that was killed may have
 * made what it could not write down.
 */
export function clusterProvider({ name, environment }: Placement): Provider {
  return new Provider(name, {
    context: environment.cluster!,
    clusterIdentifier: name,
    enableConfigMapMutable: true,
    upsertExistingObjects: true,
  })
}
