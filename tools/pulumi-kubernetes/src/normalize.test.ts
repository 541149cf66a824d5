import { expect, test } from 'vitest'
import { kindOfType, parseUrn, replacingPaths } from './kinds.ts'
import { withName } from './naming.ts'
import { normalize, objectId, parseId } from './normalize.ts'
import { problemsOfPod } from './readiness.ts'
import { unknownValue } from './values.ts'

const secretKind = { apiVersion: 'v1', kind: 'Secret' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' }

test('writes quantities in their one form, wherever they are', () => {
  const resources = { limits: { cpu: 1, memory: '1024Mi' }, requests: { cpu: '0.5', memory: unknownValue } }
  const template = {
    spec: { containers: [{ name: 'a', resources }], volumes: [{ emptyDir: { sizeLimit: '0.5Gi' } }] },
  }
  expect(normalize({ spec: { template } }, deployment)).toMatchObject({
    ...deployment,
    spec: {
      template: {
        spec: {
          containers: [
            {
              resources: {
                limits: { cpu: '1', memory: '1Gi' },
                requests: { cpu: '500m', memory: unknownValue },
              },
            },
          ],
          volumes: [{ emptyDir: { sizeLimit: '512Mi' } }],
        },
      },
    },
  })
})

test('has data of Secrets only, as they are stored', () => {
  expect(normalize({ data: { a: 'eA==', b: 'old' }, stringData: { b: 'y' } }, secretKind)).toEqual({
    ...secretKind,
    metadata: {},
    data: { a: 'eA==', b: 'eQ==' },
  })
})

test('takes what the server writes out of metadata', () => {
  const metadata = {
    name: 'n',
    uid: 'u',
    resourceVersion: '1',
    managedFields: [],
    generation: 2,
    labels: { a: 'b' },
  }
  expect(normalize({ metadata }, deployment).metadata).toEqual({ name: 'n', labels: { a: 'b' } })
})

const seed = { programName: 'web', randomSeed: new Uint8Array(32).fill(0xab), autonaming: undefined }

test('makes names up, keeps those that were made up, and leaves given ones', () => {
  const made = withName({}, { ...seed, olds: undefined })
  expect(made.metadata).toEqual({ name: 'web-abababab', annotations: { 'pulumi.com/autonamed': 'true' } })
  const other = { ...seed, randomSeed: new Uint8Array(32).fill(1) }
  expect(withName({}, { ...other, olds: made }).metadata).toMatchObject({ name: 'web-abababab' })
  expect(withName({ metadata: { name: 'given' } }, { ...seed, olds: made }).metadata).toEqual({
    name: 'given',
  })
  // Of a name that was given nothing is kept: without it the next one is made up.
  expect(withName({}, { ...seed, olds: { metadata: { name: 'given' } } }).metadata).toMatchObject({
    name: 'web-abababab',
  })
})

test('does as the engine is configured to do about names', () => {
  const autonaming = { mode: 'propose', proposedName: 'web-proposed' } as const
  expect(withName({}, { ...seed, olds: undefined, autonaming }).metadata).toMatchObject({
    name: 'web-proposed',
  })
  const disabled = { mode: 'disable', proposedName: '' } as const
  expect(() => withName({}, { ...seed, olds: undefined, autonaming: disabled })).toThrow(
    /autonaming is disabled/,
  )
})

test('reads types and names out of URNs', () => {
  const urn = 'urn:pulumi:dev::shop::pkg:index:Servlet$kubernetes:core/v1:Service::a::b'
  expect(parseUrn(urn)).toEqual({ type: 'kubernetes:core/v1:Service', name: 'a::b' })
  expect(kindOfType('kubernetes:core/v1:Service')).toEqual({ apiVersion: 'v1', kind: 'Service' })
  expect(kindOfType('kubernetes:gateway.networking.k8s.io/v1:HTTPRoute')).toEqual({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
  })
  expect(() => kindOfType('aws:s3:Bucket')).toThrow(/no type of the Kubernetes provider/)
})

test('replaces ConfigMaps when their data changes, unless they may change', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap' }
  const mutable = { configMaps: true, secrets: true }
  expect(replacingPaths(map, { ...mutable, configMaps: false }, false)).toContain('.data')
  expect(replacingPaths(map, mutable, false)).not.toContain('.data')
  expect(replacingPaths(map, mutable, true)).toContain('.data')
})

test('reads ids back', () => {
  for (const metadata of [{ name: 'a' }, { name: 'a', namespace: 'b' }]) {
    expect(parseId(objectId({ metadata }))).toEqual(metadata)
  }
})

test('gives up on pods that crash again and again, not on one crash', () => {
  const pod = (restartCount: number) => ({
    metadata: { name: 'web-1' },
    status: {
      containerStatuses: [
        {
          name: 'web',
          restartCount,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: { terminated: { exitCode: 7 } },
        },
      ],
    },
  })
  expect(problemsOfPod(pod(1))).toEqual([])
  expect(problemsOfPod(pod(2))).toEqual([
    'pod web-1, container web: CrashLoopBackOff (exit code 7): back-off',
  ])
})
