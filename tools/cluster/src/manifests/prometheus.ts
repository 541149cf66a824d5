import { stringify } from 'yaml'
import { imageReference } from '../addresses.ts'
import type { KubernetesObject } from '../api.ts'
import { restricted } from './pod.ts'

/** The namespace of metrics. */
export const monitoring = 'monitoring'

/** Prometheus, which asks every pod that is annotated `prometheus.io/scrape: "true"`, and its Service at port 9090. */
export function prometheus(tag: string): KubernetesObject[] {
  const metadata = { name: 'prometheus', namespace: monitoring }
  const labels = { app: 'prometheus' }
  const rbac = 'rbac.authorization.k8s.io'
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: monitoring } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'prometheus' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'prometheus' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'prometheus' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'prometheus.yml': stringify(settings) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'prometheus',
            securityContext: restricted.pod,
            containers: [
              {
                name: 'prometheus',
                image: imageReference('prometheus', tag),
                args: [
                  '--config.file=/etc/prometheus/prometheus.yml',
                  '--storage.tsdb.path=/data',
                  // It is for watching tests, not for keeping.
                  '--storage.tsdb.retention.time=6h',
                ],
                ports: [{ name: 'http', containerPort: 9090 }],
                readinessProbe: { httpGet: { path: '/-/ready', port: 'http' }, periodSeconds: 1 },
                resources: { requests: { cpu: '20m', memory: '100Mi' } },
                securityContext: restricted.container,
                volumeMounts: [
                  { name: 'config', mountPath: '/etc/prometheus', readOnly: true },
                  { name: 'data', mountPath: '/data' },
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name: 'prometheus' } },
              { name: 'data', emptyDir: {} },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 9090, targetPort: 'http' }] },
    },
  ]
}

const from = (label: string) => ({ source_labels: [`__meta_kubernetes_${label}`] })

const settings = {
  global: { scrape_interval: '5s' },
  scrape_configs: [
    {
      job_name: 'pods',
      kubernetes_sd_configs: [{ role: 'pod' }],
      relabel_configs: [
        { ...from('pod_annotation_prometheus_io_scrape'), regex: 'true', action: 'keep' },
        {
          ...from('pod_annotation_prometheus_io_path'),
          regex: '(.+)',
          target_label: '__metrics_path__',
          action: 'replace',
        },
        {
          source_labels: ['__meta_kubernetes_pod_ip', '__meta_kubernetes_pod_annotation_prometheus_io_port'],
          regex: '(.+);(\\d+)',
          replacement: '$1:$2',
          target_label: '__address__',
          action: 'replace',
        },
        { ...from('namespace'), target_label: 'namespace' },
        { ...from('pod_name'), target_label: 'pod' },
        { action: 'labelmap', regex: '__meta_kubernetes_pod_label_(.+)' },
      ],
    },
  ],
}
