import { type Cluster, matchLabels } from './cluster.ts'
import type { Kind } from './kinds.ts'
import { type Fields, fieldsAt, textAt, type Value } from './values.ts'

/** Whether an object works: `ready`, `waiting` for what, or `failed` for a reason that waiting does not change. */
export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly reasons: readonly string[] }
  | { readonly state: 'failed'; readonly reasons: readonly string[] }

const ready: Readiness = { state: 'ready' }
const waiting = (...reasons: string[]): Readiness => ({ state: 'waiting', reasons })
const failed = (...reasons: string[]): Readiness => ({ state: 'failed', reasons })

const kinds = {
  pod: { apiVersion: 'v1', kind: 'Pod' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  slice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  storageClass: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
} as const

/** How to tell that an object of a kind is ready; kinds that are not here are ready when they exist. */
export function readinessOf(
  kind: Kind,
): ((cluster: Cluster, object: Fields) => Promise<Readiness>) | undefined {
  return checks[`${kind.apiVersion} ${kind.kind}`]
}

const checks: Readonly<Record<string, (cluster: Cluster, object: Fields) => Promise<Readiness>>> = {
  'apps/v1 Deployment': deployment,
  'apps/v1 StatefulSet': statefulSet,
  'apps/v1 DaemonSet': daemonSet,
  'batch/v1 Job': job,
  'v1 Pod': async (_, object) => pod(object),
  'v1 Service': service,
  'v1 PersistentVolumeClaim': claim,
  'apiextensions.k8s.io/v1 CustomResourceDefinition': async (_, object) =>
    condition(object, 'Established') === 'True' ? ready : waiting('the API server has not established it'),
}

async function deployment(cluster: Cluster, object: Fields): Promise<Readiness> {
  const metadata = fieldsAt(object, 'metadata')
  const status = fieldsAt(object, 'status')
  const wanted = Number(fieldsAt(object, 'spec').replicas ?? 1)
  if (status.observedGeneration !== metadata.generation) return waiting('the controller has not seen it yet')
  const revision = textAt(fieldsAt(metadata, 'annotations'), 'deployment.kubernetes.io/revision')
  if (revision === undefined) return waiting('no ReplicaSet has been made yet')
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status
  if (updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted) return ready
  const namespace = textAt(metadata, 'namespace')!
  const labels = matchLabels(object)
  const problems =
    labels === undefined
      ? []
      : await podProblems(cluster, namespace, labels, textAt(metadata, 'name')!, revision)
  if (problems.length > 0) return failed(...problems)
  if (condition(object, 'Progressing') === 'False') {
    return failed(conditionMessage(object, 'Progressing') ?? 'its progress deadline has passed')
  }
  return waiting(`${availableReplicas} of ${wanted} pods of the new version are available`)
}

/** What keeps the pods of a Deployment's newest ReplicaSet from ever becoming ready. */
async function podProblems(
  cluster: Cluster,
  namespace: string,
  labels: Fields,
  owner: string,
  revision: string,
): Promise<string[]> {
  const sets = await cluster.list(kinds.replicaSet, namespace, labels)
  const newest = sets.find(
    (one) =>
      textAt(fieldsAt(fieldsAt(one, 'metadata'), 'annotations'), 'deployment.kubernetes.io/revision') ===
        revision &&
      ownersOf(one).some((reference) => reference.kind === 'Deployment' && reference.name === owner),
  )
  if (!newest) return []
  const uid = fieldsAt(newest, 'metadata').uid
  const pods = await cluster.list(kinds.pod, namespace, labels)
  return unique(
    pods.filter((one) => ownersOf(one).some((reference) => reference.uid === uid)).flatMap(problemsOfPod),
  )
}

async function statefulSet(cluster: Cluster, object: Fields): Promise<Readiness> {
  const status = fieldsAt(object, 'status')
  const wanted = Number(fieldsAt(object, 'spec').replicas ?? 1)
  if (status.observedGeneration !== fieldsAt(object, 'metadata').generation) {
    return waiting('the controller has not seen it yet')
  }
  const { readyReplicas = 0, updatedReplicas = 0 } = status
  if (
    readyReplicas === wanted &&
    (updatedReplicas === wanted || status.currentRevision === status.updateRevision)
  )
    return ready
  const problems = await ownedPodProblems(cluster, object)
  return problems.length > 0 ? failed(...problems) : waiting(`${readyReplicas} of ${wanted} pods are ready`)
}

async function daemonSet(cluster: Cluster, object: Fields): Promise<Readiness> {
  const status = fieldsAt(object, 'status')
  if (status.observedGeneration !== fieldsAt(object, 'metadata').generation) {
    return waiting('the controller has not seen it yet')
  }
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberReady = 0 } = status
  if (updatedNumberScheduled === wanted && numberReady === wanted) return ready
  const problems = await ownedPodProblems(cluster, object)
  return problems.length > 0 ? failed(...problems) : waiting(`${numberReady} of ${wanted} pods are ready`)
}

async function job(cluster: Cluster, object: Fields): Promise<Readiness> {
  if (condition(object, 'Complete') === 'True') return ready
  if (condition(object, 'Failed') === 'True') {
    return failed(
      `the Job has failed: ${conditionMessage(object, 'Failed') ?? 'without a message'}`,
      ...(await ownedPodProblems(cluster, object)),
    )
  }
  if (fieldsAt(object, 'spec').suspend === true) return ready
  const problems = await ownedPodProblems(cluster, object)
  if (problems.length > 0) return failed(...problems)
  const { active = 0 } = fieldsAt(object, 'status')
  return waiting(active === 0 ? 'no pod of it runs yet' : 'it runs')
}

function pod(object: Fields): Readiness {
  const phase = textAt(fieldsAt(object, 'status'), 'phase')
  if (phase === 'Succeeded' || condition(object, 'Ready') === 'True') return ready
  const problems = problemsOfPod(object)
  if (problems.length > 0 || phase === 'Failed')
    return failed(...problems, ...(problems.length > 0 ? [] : ['the pod has failed']))
  return waiting(
    conditionMessage(object, 'PodScheduled') ?? conditionMessage(object, 'Ready') ?? 'it is not ready yet',
  )
}

async function service(cluster: Cluster, object: Fields): Promise<Readiness> {
  const spec = fieldsAt(object, 'spec')
  const selector = fieldsAt(spec, 'selector')
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None' || Object.keys(selector).length === 0)
    return ready
  if (spec.type === 'LoadBalancer') {
    const { ingress } = fieldsAt(fieldsAt(object, 'status'), 'loadBalancer')
    if (!Array.isArray(ingress) || ingress.length === 0)
      return waiting('no load balancer has an address for it yet')
  }
  const metadata = fieldsAt(object, 'metadata')
  const slices = await cluster.list(kinds.slice, textAt(metadata, 'namespace')!, {
    'kubernetes.io/service-name': textAt(metadata, 'name')!,
  })
  const endpoints = slices.flatMap(({ endpoints }) => (endpoints ?? []) as Fields[])
  const isReady = (endpoint: Fields) => fieldsAt(endpoint, 'conditions').ready !== false
  if (endpoints.some(isReady)) return ready
  return waiting('no pod behind it is ready')
}

async function claim(cluster: Cluster, object: Fields): Promise<Readiness> {
  if (fieldsAt(object, 'status').phase === 'Bound') return ready
  const name = textAt(fieldsAt(object, 'spec'), 'storageClassName')
  const storage = name === undefined ? undefined : await cluster.find(kinds.storageClass, name)
  return storage?.volumeBindingMode === 'WaitForFirstConsumer'
    ? ready
    : waiting('it is not bound to a volume')
}

async function ownedPodProblems(cluster: Cluster, object: Fields): Promise<string[]> {
  const labels = matchLabels(object)
  const metadata = fieldsAt(object, 'metadata')
  if (labels === undefined) return []
  const pods = await cluster.list(kinds.pod, textAt(metadata, 'namespace')!, labels)
  return unique(
    pods.filter((one) => ownersOf(one).some(({ uid }) => uid === metadata.uid)).flatMap(problemsOfPod),
  )
}

/** Waiting reasons of containers that do not go away by waiting, most of the time. */
const hopeless = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
  'ErrImageNeverPull',
  'RunContainerError',
])

/** What keeps a pod's containers from starting, with the name of the pod. */
export function problemsOfPod(object: Fields): string[] {
  const status = fieldsAt(object, 'status')
  const all = ['initContainerStatuses', 'containerStatuses'].flatMap((key) => (status[key] ?? []) as Fields[])
  const name = textAt(fieldsAt(object, 'metadata'), 'name')
  const restarts = (fieldsAt(object, 'spec').restartPolicy ?? 'Always') === 'Always'
  return all.flatMap((container) => {
    const waits = fieldsAt(fieldsAt(container, 'state'), 'waiting')
    const ended = fieldsAt(fieldsAt(container, 'state'), 'terminated')
    const times = Number(container.restartCount ?? 0) + 1
    // Kubelet may leave the state at that for the whole time that it backs off.
    const crashed = restarts && ended.exitCode !== undefined && ended.exitCode !== 0
    const reason = crashed ? `crashed ${times} times` : textAt(waits, 'reason')
    if (reason === undefined || !(crashed || hopeless.has(reason))) return []
    // Two crashes may be a dependency that was not there yet.
    if ((crashed || reason === 'CrashLoopBackOff') && times < 3) return []
    const last = crashed ? ended : fieldsAt(fieldsAt(container, 'lastState'), 'terminated')
    const said = textAt(last, 'message')?.trimEnd()
    const exit = last.exitCode === undefined ? '' : ` (exit code ${last.exitCode}${said ? `: ${said}` : ''})`
    return [
      `pod ${name}, container ${container.name}: ${reason}${exit}${waits.message ? `: ${waits.message}` : ''}`,
    ]
  })
}

function ownersOf(object: Fields): Fields[] {
  return (fieldsAt(object, 'metadata').ownerReferences ?? []) as Fields[]
}

function conditionOf(object: Fields, type: string): Fields | undefined {
  const conditions = (fieldsAt(object, 'status').conditions ?? []) as Fields[]
  return conditions.find((one) => one.type === type)
}

function condition(object: Fields, type: string): Value | undefined {
  return conditionOf(object, type)?.status
}

function conditionMessage(object: Fields, type: string): string | undefined {
  return textAt(conditionOf(object, type), 'message')
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}
