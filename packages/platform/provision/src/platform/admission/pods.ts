import type { KubernetesObject } from '../../kubernetes-object.ts'
import { marks } from '../../names.ts'
import { guard } from './guard.ts'

const namespaceLabel = (label: string) => `namespaceObject.metadata.labels[?'${label}'].orValue('')`

/**
 * Pods of a servlet, and Deployments, so that whoever sends one hears of it at once: images by digest, bounded resources, an owner, a
 * read-only root. The rest of what is secure is Pod Security's "restricted", which `namespaceGuard` demands of the namespace.
 */
export function podGuard(): KubernetesObject[] {
  const labelled = (label: string, what: string) => ({
    expression: `variables.labels[?'${label}'].orValue('') == ${namespaceLabel(label)}`,
    message: `"the label ${label} is '" + variables.labels[?'${label}'].orValue('') + "', and the ${what} of this namespace is '" + ${namespaceLabel(label)} + "': correct it"`,
  })
  return guard('atlas-pods', {
    resources: [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'pods/ephemeralcontainers'] },
      { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
    ],
    namespaceSelector: { matchExpressions: [{ key: marks.servlet, operator: 'Exists' }] },
    variables: {
      template: "object.kind == 'Pod' ? object : object.spec.template",
      labels: 'has(variables.template.metadata.labels) ? variables.template.metadata.labels : {}',
      spec: 'variables.template.spec',
      bounded:
        'variables.spec.containers + (has(variables.spec.initContainers) ? variables.spec.initContainers : [])',
      all: 'variables.bounded + (has(variables.spec.ephemeralContainers) ? variables.spec.ephemeralContainers : [])',
      tagged: "variables.all.filter(c, !c.image.matches('@sha256:[0-9a-f]{64}$')).map(c, c.image)",
      unbounded:
        "variables.bounded.filter(c, !(has(c.resources) && has(c.resources.requests) && has(c.resources.limits) && 'cpu' in c.resources.requests && 'memory' in c.resources.requests && 'memory' in c.resources.limits)).map(c, c.name)",
      writable:
        'variables.all.filter(c, !(has(c.securityContext) && has(c.securityContext.readOnlyRootFilesystem) && c.securityContext.readOnlyRootFilesystem)).map(c, c.name)',
    },
    rules: [
      {
        expression: 'variables.tagged.size() == 0',
        message:
          '"images not named by their digest: " + variables.tagged.join(\', \') + ". A tag may mean something else tomorrow: write NAME@sha256:DIGEST"',
      },
      {
        expression: 'variables.unbounded.size() == 0',
        message:
          '"containers without requests of cpu and memory and a limit of memory: " + variables.unbounded.join(\', \') + ". Add them to resources"',
      },
      {
        expression: 'variables.writable.size() == 0',
        message:
          '"containers that may write to their root: " + variables.writable.join(\', \') + ". Set securityContext.readOnlyRootFilesystem, and mount an emptyDir where something must be written"',
      },
      labelled(marks.servlet, 'servlet'),
      labelled(marks.owner, 'owner'),
    ],
  })
}
