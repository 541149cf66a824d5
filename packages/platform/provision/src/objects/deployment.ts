import { secretVariable, storeVariable } from '@atlas/manifest/variables'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { labelsOf, names, podsOf, ports } from '../names.ts'
import type { Provisioned } from '../provisioned.ts'

/** Share of replicas that may be added while they are replaced. */
export const surge = 0.25

/** Seconds that a pod goes on as before while load balancers hear that it ends. */
const drainDelaySeconds = 5
/** Seconds that requests may take to finish after that. */
const graceSeconds = 25

/**
 * The pods. `replicas` is the scaler's and never set here: two who set it would undo each other. The template depends on image,
 * config, secrets and limits only, because anything else in it, a commit or a time, would begin a canary where nothing changed.
 */
export function deploymentOf({ servlet, release }: Provisioned): KubernetesObject {
  const { name, owner, manifest } = servlet
  const { cpu, memory } = manifest.limits
  const secrets = Object.keys(manifest.secrets).sort()
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: names.workload(name),
      namespace: names.namespace(name),
      labels: { ...labelsOf(name, owner), 'app.kubernetes.io/version': release.version },
    },
    spec: {
      // Flagger makes a Deployment of its own from this one, and wants this label.
      selector: { matchLabels: { app: name } },
      revisionHistoryLimit: 3,
      minReadySeconds: 2,
      progressDeadlineSeconds: 120,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: `${surge * 100}%`, maxUnavailable: 0 },
      },
      template: {
        metadata: { labels: { app: name, ...labelsOf(name, owner) } },
        spec: {
          serviceAccountName: names.workload(name),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // What drains, and a second for what the drain itself takes.
          terminationGracePeriodSeconds: drainDelaySeconds + graceSeconds + 5,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10_001,
            runAsGroup: 10_001,
            fsGroup: 10_001,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
            (topologyKey) => ({
              maxSkew: 1,
              topologyKey,
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: podsOf(name),
              matchLabelKeys: ['pod-template-hash'],
            }),
          ),
          containers: [
            {
              name: 'servlet',
              image: release.image,
              ports: [{ name: 'http', containerPort: ports.http, protocol: 'TCP' }],
              env: [
                { name: 'ATLAS_SERVLET', value: name },
                { name: 'ATLAS_DRAIN_DELAY_MS', value: String(drainDelaySeconds * 1000) },
                { name: 'ATLAS_GRACE_MS', value: String(graceSeconds * 1000) },
                { name: 'ATLAS_CALL_URL', value: `http://${names.gateway}.${names.namespace('{servlet}')}` },
                ...downward({
                  ATLAS_POD: 'metadata.name',
                  ATLAS_NAMESPACE: 'metadata.namespace',
                  ATLAS_NODE: 'spec.nodeName',
                }),
                ...Object.keys(manifest.stores)
                  .sort()
                  .map((store) => ({
                    name: storeVariable(name, store),
                    valueFrom: { secretKeyRef: { name: names.stores(name), key: store } },
                  })),
                ...secrets.map((secret) => ({
                  name: secretVariable(name, secret),
                  valueFrom: { secretKeyRef: { name: names.secrets(name), key: secret } },
                })),
              ],
              resources: {
                requests: { cpu, memory },
                // No limit of CPU: throttled processes miss their deadlines while the node is idle.
                limits: { memory },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              startupProbe: probe('/-/live', { periodSeconds: 1, failureThreshold: 60 }),
              readinessProbe: probe('/-/ready', { periodSeconds: 2, failureThreshold: 2 }),
              // Slow and patient: a busy process must not be killed for being busy.
              livenessProbe: probe('/-/live', { periodSeconds: 10, failureThreshold: 6 }),
              volumeMounts: [
                { name: 'config', mountPath: '/etc/atlas', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: names.config(name) } },
            { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
          ],
        },
      },
    },
  }
}

function downward(fields: Readonly<Record<string, string>>): object[] {
  return Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }))
}

function probe(path: string, timing: { periodSeconds: number; failureThreshold: number }): object {
  return { httpGet: { path, port: 'http' }, timeoutSeconds: 2, ...timing }
}
