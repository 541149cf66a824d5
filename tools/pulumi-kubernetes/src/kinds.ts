/** A kind of Kubernetes object. */
export interface Kind {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string
  readonly kind: string
}

/** The part of a URN that says the type, and the name given in the program. */
export function parseUrn(urn: string): { type: string; name: string } {
  // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME, and a name may contain "::" itself.
  const [, , types = '', ...name] = urn.split('::')
  return { type: types.slice(types.lastIndexOf('$') + 1), name: name.join('::') }
}

/**
 * The kind that a type token names: `kubernetes:apps/v1:Deployment`; the core group is written `core/v1`.
 *
 * @throws Error for tokens of other shapes
 */
export function kindOfType(type: string): Kind {
  const [pkg, apiVersion, kind, ...rest] = type.split(':')
  if (pkg !== 'kubernetes' || !apiVersion || !kind || rest.length > 0) {
    throw new Error(`${type} is no type of the Kubernetes provider: kubernetes:GROUP/VERSION:KIND`)
  }
  return { apiVersion: apiVersion === 'core/v1' ? 'v1' : apiVersion, kind }
}

/** Why the stand-in does not do a type, or undefined when it does. */
export function unsupported(type: string, kind: Kind): string | undefined {
  if (type === 'kubernetes:helm.sh/v3:Release') return 'Helm releases'
  if (kind.kind.endsWith('Patch')) return 'resources that patch what another owns (…Patch)'
  if (kind.kind.endsWith('List')) return 'lists of objects: declare each object on its own'
  return undefined
}

const workload = ['.spec.selector']

/** Fields that cannot be changed: another value means another object. Paths without indices; a prefix covers what is below. */
const forcesNew: Readonly<Record<string, readonly string[]>> = {
  'apps/v1 Deployment': workload,
  'apps/v1 DaemonSet': workload,
  'apps/v1 StatefulSet': [
    '.spec.podManagementPolicy',
    '.spec.revisionHistoryLimit',
    '.spec.selector',
    '.spec.serviceName',
    '.spec.volumeClaimTemplates',
  ],
  'batch/v1 Job': ['.spec.completions', '.spec.parallelism', '.spec.selector', '.spec.template'],
  'v1 PersistentVolumeClaim': [
    '.spec.accessModes',
    '.spec.selector',
    '.spec.storageClassName',
    '.spec.volumeName',
  ],
  'v1 Pod': ['.spec'],
  'v1 ResourceQuota': ['.spec.scopes'],
  'v1 Secret': ['.type'],
  'v1 Service': ['.spec.clusterIP'],
  'rbac.authorization.k8s.io/v1 RoleBinding': ['.roleRef'],
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': ['.roleRef'],
  'storage.k8s.io/v1 StorageClass': ['.parameters', '.provisioner'],
}

/** What decides whether data of ConfigMaps and Secrets may change in place. */
export interface Mutability {
  readonly configMaps: boolean
  readonly secrets: boolean
}

/** The paths of a kind whose change means another object. `immutable` is whether the object says so of itself. */
export function replacingPaths(kind: Kind, mutability: Mutability, immutable: boolean): readonly string[] {
  const key = `${kind.apiVersion} ${kind.kind}`
  const always = ['.metadata.name', '.metadata.namespace', ...(forcesNew[key] ?? [])]
  if (key === 'v1 ConfigMap' && (!mutability.configMaps || immutable)) always.push('.data', '.binaryData')
  if (key === 'v1 Secret' && (!mutability.secrets || immutable)) always.push('.data', '.stringData')
  return always
}

/** Kinds of built-in groups that belong to no namespace. For all others discovery is asked. */
const clusterKinds = new Set([
  'v1 Namespace',
  'v1 Node',
  'v1 PersistentVolume',
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1 CustomResourceDefinition',
  'apiregistration.k8s.io/v1 APIService',
  'gateway.networking.k8s.io/v1 GatewayClass',
  'networking.k8s.io/v1 IngressClass',
  'rbac.authorization.k8s.io/v1 ClusterRole',
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
  'scheduling.k8s.io/v1 PriorityClass',
  'storage.k8s.io/v1 StorageClass',
])

const builtInGroups = new Set(
  [...clusterKinds]
    .map((key) => key.split(' ')[0]!)
    .concat('apps/v1', 'batch/v1', 'autoscaling/v2', 'policy/v1'),
)

/** Whether objects of a kind are in a namespace; undefined when only the cluster knows. */
export function isNamespaced({ apiVersion, kind }: Kind): boolean | undefined {
  if (clusterKinds.has(`${apiVersion} ${kind}`)) return false
  return builtInGroups.has(apiVersion) && !apiVersion.startsWith('gateway.') ? true : undefined
}
