import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, platform, ports } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { saturation } from '../queries.ts'
import { hostsOf, matchesOf, noTimeout } from '../routing.ts'
import { saturationTrigger } from './scaled-object.ts'

/** Seconds between two looks of Flagger; it takes no less than ten. */
const intervalSeconds = 10

/** Where the judge answers. */
const judge = `http://judge.${platform.namespace}:8080`

/**
 * How a release replaces the one before it. Flagger owns the Services and the route, and shifts traffic; the judge says whether. Its
 * `rollback` hook answers 2xx on a proven regression only, the two others when there is evidence enough; no answer means that nothing
 * moves. The `rollout` hook is not used: its silence counts as a failure.
 */
export function canaryOf(provisioned: Provisioned): KubernetesObject {
  const { servlet } = provisioned
  const { name, owner, manifest } = servlet
  const metadata = { servlet: name, release: provisioned.release.version }
  const hook = (type: string, path: string) => ({
    name: type,
    type,
    url: `${judge}${path}`,
    timeout: '5s',
    metadata,
  })
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: {
      name: names.workload(name),
      namespace: names.namespace(name),
      labels: labelsOf(name, owner),
    },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: names.workload(name) },
      autoscalerRef: {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        name: names.workload(name),
        // The demand of both arms: the primary keeps what it takes to have all traffic back at once, and a copied query would name
        // pods that do not exist.
        primaryScalerQueries: { [saturationTrigger]: saturation(name) },
      },
      progressDeadlineSeconds: 600,
      service: {
        port: 80,
        targetPort: ports.http,
        portName: 'http',
        appProtocol: 'kubernetes.io/h2c',
        // The servlet bounds its own requests; without this Envoy would end each after 15 s, streams and uploads too.
        timeout: noTimeout,
        hosts: hostsOf(provisioned),
        gatewayRefs: Object.values(platform.gateways).map((gateway) => ({
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          name: gateway,
          namespace: platform.namespace,
        })),
        // Flagger's own form, which is Istio's, whatever it makes of it: matches of an HTTPRoute are not taken.
        match: matchesOf(servlet).map(({ path }) => ({ uri: { prefix: path.value } })),
      },
      analysis: {
        interval: `${intervalSeconds}s`,
        threshold: 1,
        stepWeights: stepWeightsIn(manifest.rollout.rampMinutes),
        webhooks: [
          hook('rollback', '/rollback'),
          hook('confirm-traffic-increase', '/confirm-traffic-increase'),
          hook('confirm-promotion', '/confirm-promotion'),
        ],
      },
    },
  }
}

/** The ramp as Flagger has it: a weight stays until the judge confirms the next. */
function stepWeightsIn(rampMinutes: number): number[] {
  return rampMinutes < 2 ? [10, 50] : [5, 10, 25, 50]
}
