import { describe, expect, it } from 'vitest'
import { lackingFor } from './needs.ts'

const object = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'greeter' } })
const objects = [
  object('v1', 'Namespace'),
  object('apps/v1', 'Deployment'),
  object('keda.sh/v1alpha1', 'ScaledObject'),
  object('monitoring.coreos.com/v1', 'PrometheusRule'),
  object('monitoring.coreos.com/v1', 'PodMonitor'),
  object('gateway.networking.k8s.io/v1', 'HTTPRoute'),
]
const all = ['keda.sh/v1alpha1', 'monitoring.coreos.com/v1', 'gateway.networking.k8s.io/v1']

describe('what a cluster lacks', () => {
  it('is nothing where it serves every kind', () => {
    expect(lackingFor(objects, new Set(all))).toEqual([])
  })

  it('is named once, with the kinds and the remedy', () => {
    const found = lackingFor(objects, new Set(['gateway.networking.k8s.io/v1beta1']))
    expect(found.map((line) => line.split(':')[0])).toEqual([
      'KEDA (ScaledObject of keda.sh/v1alpha1)',
      'the Prometheus operator (PodMonitor, PrometheusRule of monitoring.coreos.com/v1)',
      'the Gateway API (HTTPRoute of gateway.networking.k8s.io/v1; it has another version)',
    ])
    for (const line of found) expect(line).toMatch(/: install /)
  })
})
