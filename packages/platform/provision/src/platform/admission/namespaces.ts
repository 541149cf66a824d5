import type { KubernetesObject } from '../../kubernetes-object.ts'
import { marks } from '../../names.ts'
import { guard } from './guard.ts'

/** Namespaces of servlets: called after the servlet, owned, and under Pod Security "restricted". */
export function namespaceGuard(): KubernetesObject[] {
  return guard('atlas-namespaces', {
    resources: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'] }],
    // Of an update either the old or the new object needs the label, so that taking it away is looked at too.
    objectSelector: { matchExpressions: [{ key: marks.servlet, operator: 'Exists' }] },
    variables: { labels: 'has(object.metadata.labels) ? object.metadata.labels : {}' },
    rules: [
      {
        expression: `object.metadata.name == 'servlet-' + variables.labels[?'${marks.servlet}'].orValue('')`,
        message: `"the namespace of a servlet is called servlet-NAME, and its label ${marks.servlet} says NAME: correct one of them"`,
      },
      {
        expression: `variables.labels[?'${marks.owner}'].orValue('') != ''`,
        message: `"nobody owns it: add the label ${marks.owner} with a team of infra/teams.json"`,
      },
      {
        expression: "variables.labels[?'pod-security.kubernetes.io/enforce'].orValue('') == 'restricted'",
        message:
          '"pods of servlets are restricted: add the label pod-security.kubernetes.io/enforce=restricted"',
      },
    ],
  })
}
