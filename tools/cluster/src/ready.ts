import { type Api, type UntilOptions, until } from './api.ts'

/** How long parts of a cluster may take, on a machine that is busy with other things, in ms. */
export const patience = { api: 180_000, node: 180_000, deployment: 300_000 } as const

/** Waits until every pod of a Deployment is there, new and ready; the reason in the error is the pods'. */
export async function deploymentReady(
  api: Api,
  namespace: string,
  name: string,
  unless?: UntilOptions['unless'],
): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
  await until(
    `Deployment ${namespace}/${name}`,
    async () => {
      const { metadata, spec, status } = await api.get(path)
      if (status?.observedGeneration !== metadata.generation) return undefined
      const { updatedReplicas = 0, readyReplicas = 0, replicas = 0 } = status
      return updatedReplicas === spec.replicas &&
        readyReplicas === spec.replicas &&
        replicas === spec.replicas
        ? true
        : undefined
    },
    { timeoutMs: patience.deployment, why: () => whyNotReady(api, namespace), unless },
  )
}

/** What the containers of a namespace wait for, one a line. */
export async function whyNotReady(api: Api, namespace: string): Promise<string> {
  const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods`)
  const lines: string[] = []
  for (const pod of items) {
    if (conditionIs(pod, 'Ready')) continue
    const states = (pod.status.containerStatuses ?? []).map(
      (one: any) => one.state.waiting ?? one.lastState.terminated ?? one.state.terminated,
    )
    const reasons = states
      .filter(Boolean)
      .map((one: any) => `${one.reason}: ${one.message ?? one.exitCode ?? ''}`)
    const condition = pod.status.conditions?.find((one: any) => one.status === 'False')
    lines.push(`  ${pod.metadata.name}: ${reasons.join('; ') || condition?.message || pod.status.phase}`)
  }
  return lines.join('\n')
}

/** Whether an object has a condition that is True. */
export function conditionIs(object: any, type: string): boolean {
  return (object?.status?.conditions ?? []).some(
    (condition: any) => condition.type === type && condition.status === 'True',
  )
}
