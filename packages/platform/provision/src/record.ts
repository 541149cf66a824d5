import { createHash } from 'node:crypto'
import type { KubernetesObject } from './kubernetes-object.ts'
import { labelsOf, marks, names } from './names.ts'
import type { Provisioned } from './provisioned.ts'

/** What objects say, in sixteen letters: the same objects give the same, and others another. */
export function fingerprintOf(objects: readonly KubernetesObject[]): string {
  return createHash('sha256').update(JSON.stringify(objects)).digest('hex').slice(0, 16)
}

/**
 * Lets everybody see in the cluster itself what of a servlet was deployed. The namespace, which is written first, says what was begun; the
 * record, which is written last, what was finished. Where both are what is wanted, there is nothing to do; where a deployment was
 * killed in between they differ, even from what was there before it.
 */
export function withRecord(
  provisioned: Provisioned,
  objects: readonly KubernetesObject[],
): KubernetesObject[] {
  const fingerprint = fingerprintOf(objects)
  const { servlet, release, environment } = provisioned
  const marked = objects.map((object) =>
    object.kind === 'Namespace'
      ? {
          ...object,
          metadata: {
            ...object.metadata,
            annotations: { ...object.metadata.annotations, [marks.intended]: fingerprint },
          },
        }
      : object,
  )
  const record: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names.record(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: { ...labelsOf(servlet.name, servlet.owner), [marks.record]: 'true' },
    },
    data: { fingerprint, environment: environment.name, version: release.version, image: release.image },
  }
  return [...marked, record]
}
