import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, podsOf } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** Says what to scrape. */
export function podMonitorOf({ servlet }: Provisioned): KubernetesObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: {
      name: names.workload(servlet.name),
      namespace: names.namespace(servlet.name),
      labels: labelsOf(servlet.name, servlet.owner),
    },
    spec: {
      selector: podsOf(servlet.name),
      podMetricsEndpoints: [
        {
          port: 'http',
          path: '/-/metrics',
          interval: '5s',
          // The operator of Prometheus puts the name of the port there, and the servlet's own label would become `exported_endpoint`.
          relabelings: [{ action: 'labeldrop', regex: 'endpoint' }],
        },
      ],
    },
  }
}
