import type { KubernetesObject } from '../../kubernetes-object.ts'
import { marks, names } from '../../names.ts'
import { guard } from './guard.ts'

/**
 * Routes of a servlet claim the product's host, or the servlet's own within the cluster, and of paths only what its namespace says:
 * whoever may write routes in one namespace cannot take the traffic of another.
 */
export function routeGuard(): KubernetesObject[] {
  const annotation = (name: string) => `namespaceObject.metadata.annotations[?'${name}'].orValue('')`
  const inside = `'${names.gateway}.' + namespaceObject.metadata.name`
  return guard('atlas-routes', {
    resources: [{ apiGroups: ['gateway.networking.k8s.io'], apiVersions: ['v1'], resources: ['httproutes'] }],
    namespaceSelector: { matchExpressions: [{ key: marks.servlet, operator: 'Exists' }] },
    variables: {
      hosts: `[${annotation(marks.host)}, ${inside}, ${inside} + '.svc.cluster.local']`,
      prefixes: `${annotation(marks.prefixes)}.split(',')`,
      claimed: 'has(object.spec.hostnames) ? object.spec.hostnames : []',
    },
    rules: [
      {
        expression: 'variables.claimed.size() > 0 && variables.claimed.all(h, h in variables.hosts)',
        message: `"claims the hosts [" + variables.claimed.join(', ') + "]; this namespace may have [" + variables.hosts.join(', ') + "] and must name one"`,
      },
      {
        expression:
          "has(object.spec.rules) && object.spec.rules.all(r, has(r.matches) && r.matches.size() > 0 && r.matches.all(m, has(m.path) && m.path.type == 'PathPrefix' && m.path.value in variables.prefixes))",
        message: `"a rule matches something else than the path prefixes [" + variables.prefixes.join(', ') + "] of this namespace, which come from the routes of its servlet"`,
      },
    ],
  })
}
