import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'
import { durationQuantile, failureShare, requestsByEndpoint } from '../queries.ts'

/** A dashboard as data: what Grafana reads from ConfigMaps with this label. */
export function dashboardOf({ servlet }: Provisioned): KubernetesObject {
  const { name, owner } = servlet
  const panels = [
    { title: 'Requests a second', unit: 'reqps', query: requestsByEndpoint(name), legend: '{{endpoint}}' },
    { title: 'Failures', unit: 'percentunit', query: failureShare(name, '5m'), legend: 'failures' },
    { title: 'p99', unit: 's', query: durationQuantile(name, 0.99), legend: 'p99' },
    { title: 'p50', unit: 's', query: durationQuantile(name, 0.5), legend: 'p50' },
  ]
  const dashboard = {
    title: `Servlet ${name}`,
    uid: `servlet-${name}`.slice(0, 40),
    tags: ['atlas', owner],
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    panels: panels.map(({ title, unit, query, legend }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit }, overrides: [] },
      targets: [{ refId: 'A', expr: query, legendFormat: legend }],
    })),
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: names.dashboard(name),
      namespace: names.namespace(name),
      labels: { ...labelsOf(name, owner), grafana_dashboard: '1' },
    },
    data: { 'dashboard.json': JSON.stringify(dashboard) },
  }
}
