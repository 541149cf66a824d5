import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** The servlet's config, under a name that never changes: Flagger copies it for the primary, and a change of it is a canary too. */
export function configMapOf({ servlet, config }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names.config(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    data: { 'config.json': JSON.stringify(sorted(config)) },
  }
}

/** The same values give the same text, in whatever order they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
