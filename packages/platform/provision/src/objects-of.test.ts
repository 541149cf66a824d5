import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { provisionedOf } from './fixtures.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { objectsOf } from './objects-of.ts'
import { matchesOf } from './routing.ts'

const greeter = provisionedOf('greeter', { owner: 'web' }, { routes: ['GET /greet/{name}'] })
const files = provisionedOf(
  'files',
  {
    owner: 'storage',
    stores: { tree: { postgres: {} }, content: { blobs: {} } },
    secrets: { scanKey: 'API key of the virus scanner', salt: 'salt of tokens' },
    objectives: { availabilityPercent: 99.95, latencyMs: { p99: 800 } },
    limits: { cpu: '500m', memory: '512Mi', replicas: { min: 3, max: 12 } },
    rollout: { canary: false },
  },
  {
    routes: ['GET /files', 'PUT /content/{path*}', 'GET /files/{id}/stat'],
    mounts: ['/files/ui'],
    config: { maxUploadMiB: 500, banner: 'hi' },
  },
)

/** The one object of a kind, besides the alias of the gateway and the record, which every servlet has. */
function one(objects: readonly KubernetesObject[], kind: string): any {
  const found = objects.filter(({ kind: its, metadata }) => its === kind && metadata.name !== 'gateway')
  expect(found).toHaveLength(1)
  return found[0]
}

describe.each([
  ['greeter', greeter],
  ['files', files],
])('the objects of %s', (name, provisioned) => {
  it('are the golden ones', async () => {
    await expect(`${JSON.stringify(objectsOf(provisioned), null, 2)}\n`).toMatchFileSnapshot(
      `golden/${name}.golden`,
    )
  })
})

describe('the objects of a servlet', () => {
  const count = fc.integer({ min: 1, max: 50 })
  const anyServlet = fc
    .record({
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,8})?$/),
      canary: fc.boolean(),
      replicas: fc.tuple(count, count).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
      secrets: fc.uniqueArray(fc.constantFrom('scanKey', 'salt', 'token'), { maxLength: 3 }),
      postgres: fc.boolean(),
      rampMinutes: fc.integer({ min: 1, max: 60 }),
    })
    .map(({ name, canary, replicas, secrets, postgres, rampMinutes }) =>
      provisionedOf(name, {
        owner: 'web',
        limits: { replicas },
        rollout: { canary, rampMinutes },
        secrets: Object.fromEntries(secrets.map((secret) => [secret, 'a secret'])),
        ...(postgres && { stores: { main: { postgres: {} } } }),
      }),
    )

  it('keep the rules, whatever the manifest says', () => {
    fc.assert(
      fc.property(anyServlet, (provisioned) => {
        const objects = objectsOf(provisioned)
        const { name, manifest } = provisioned.servlet
        const ids = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
        expect(new Set(ids).size).toBe(ids.length)
        for (const object of objects) {
          expect(object.metadata.name.length).toBeLessThanOrEqual(63)
          expect(object.metadata.namespace).toBe(object.kind === 'Namespace' ? undefined : `servlet-${name}`)
          expect(object.metadata.labels).toMatchObject({
            'atlas.dev/servlet': name,
            'atlas.dev/owner': 'web',
          })
        }
        const { spec } = one(objects, 'Deployment')
        expect(spec).not.toHaveProperty('replicas')
        expect(spec.template.metadata.labels).toMatchObject({ app: name, 'atlas.dev/servlet': name })
        // Flagger changes `app`, so nobody else may select by it.
        for (const object of objects)
          if (object.kind !== 'Deployment') expect(JSON.stringify(object)).not.toMatch(/"app":/)
        const quota = one(objects, 'ResourceQuota').spec.hard
        const { max } = manifest.limits.replicas
        expect(Number(quota.pods)).toBeGreaterThanOrEqual(2 * max + 2)
        expect(Number.parseInt(quota['requests.cpu'], 10)).toBe(250 * Number(quota.pods))
        const scaled = one(objects, 'ScaledObject').spec
        expect(scaled.minReplicaCount).toBeLessThanOrEqual(scaled.maxReplicaCount)
        // Without one the autoscaler removes no pod while Prometheus is away.
        expect(scaled).not.toHaveProperty('fallback')
        const routed = objects
          .filter(({ kind }) => ['Canary', 'HTTPRoute', 'Service'].includes(kind))
          .filter(({ metadata }) => metadata.name !== 'gateway')
        expect(routed.map(({ kind }) => kind)).toEqual(
          manifest.rollout.canary ? ['Canary'] : ['Service', 'HTTPRoute'],
        )
      }),
    )
  })

  it('have a pod template that only a release, its config or its limits change', () => {
    const template = (provisioned: typeof greeter) => one(objectsOf(provisioned), 'Deployment').spec.template
    const { release } = greeter
    expect(template({ ...greeter, release: { ...release, version: '9.9.9' } })).toEqual(template(greeter))
    expect(
      template({ ...greeter, environment: { ...greeter.environment, domain: 'staging.example' } }),
    ).toEqual(template(greeter))
    const image = release.image.replace(/.$/, '0')
    expect(template({ ...greeter, release: { ...release, image } })).not.toEqual(template(greeter))
  })

  it('name secrets, and have none', () => {
    const text = JSON.stringify(objectsOf(files))
    expect(text).toContain('"secretKeyRef":{"name":"files-secrets","key":"scanKey"}')
    expect(objectsOf(files).some(({ kind }) => kind === 'Secret')).toBe(false)
  })

  it('scale a primary by what both arms do', () => {
    const { autoscalerRef } = one(objectsOf(greeter), 'Canary').spec
    const [, prometheus] = one(objectsOf(greeter), 'ScaledObject').spec.triggers
    expect(prometheus.name).toBe('saturation')
    expect(prometheus.metadata.query).toContain('pod=~"greeter-[a-z0-9]+-[a-z0-9]+"')
    expect(autoscalerRef.primaryScalerQueries.saturation).not.toContain('pod=')
    expect(/^greeter-[a-z0-9]+-[a-z0-9]+$/.test('greeter-primary-6645bfcdcc-dv7dj')).toBe(false)
  })

  it.each([
    ['50m', '200m'],
    ['250m', '200m'],
    ['1.5', '1200m'],
  ])('with a request of %s have more pods above %s each: what a start takes is no load', (cpu, value) => {
    const [trigger] = one(
      objectsOf(provisionedOf('greeter', { owner: 'web', limits: { cpu } })),
      'ScaledObject',
    ).spec.triggers
    expect(trigger).toEqual({ type: 'cpu', metricType: 'AverageValue', metadata: { value } })
  })

  it('give the same text for the same config in another order', () => {
    const config = (values: object) =>
      one(
        objectsOf({ ...greeter, config: values as Record<string, unknown> }).filter(
          ({ metadata }) => metadata.name === 'greeter-config',
        ),
        'ConfigMap',
      ).data
    expect(config({ b: { d: 1, c: 2 }, a: [1] })).toEqual(config({ a: [1], b: { c: 2, d: 1 } }))
  })

  it.each(['registry.acme.example/greeter:1.4.0', 'greeter', 'greeter@sha256:abc'])(
    'refuse the image %s',
    (image) => {
      expect(() => objectsOf({ ...greeter, release: { version: '1.0.0', image } })).toThrow(
        'name it by its digest',
      )
    },
  )
})

describe('the record of a deployment', () => {
  const marksOf = (provisioned: typeof greeter) => {
    const objects = objectsOf(provisioned)
    const record = objects.at(-1)!
    return [
      one(objects, 'Namespace').metadata.annotations['atlas.dev/intended'],
      (record.data as Record<string, string>).fingerprint,
      record.metadata.name,
    ]
  }

  it('is written last, and says the same as the namespace, which is written first', () => {
    const [intended, deployed, name] = marksOf(greeter)
    expect([deployed, name]).toEqual([intended, 'greeter-deployed'])
    expect(objectsOf(greeter)[0]!.kind).toBe('Namespace')
  })

  it('is another one when any object is', () => {
    const [before] = marksOf(greeter)
    expect(marksOf(greeter)[0]).toBe(before)
    expect(marksOf({ ...greeter, config: { loud: true } })[0]).not.toBe(before)
    expect(marksOf({ ...greeter, release: { ...greeter.release, version: '1.4.1' } })[0]).not.toBe(before)
  })
})

describe('what is sent to a servlet', () => {
  const values = (routes: readonly string[], mounts: readonly string[] = [], name = 'files') =>
    matchesOf(provisionedOf(name, { owner: 'web' }, { routes, mounts }).servlet).map(({ path }) => path.value)

  it('are its first literal parts, each once, and its gRPC service', () => {
    expect(values(['GET /files', 'GET /files/{id}/stat', 'PUT /content/{path*}'])).toEqual([
      '/content',
      '/files',
      '/files.Files/',
    ])
    expect(values(['GET /a/b', 'GET /a/b/c', 'GET /ab'], ['/a'])).toEqual(['/a', '/ab', '/files.Files/'])
    expect(values(['GET /{anything}', 'GET /a'])).toEqual(['/', '/files.Files/'])
    expect(values([], [], 'file-links')).toEqual(['/file_links.FileLinks/'])
  })
})
