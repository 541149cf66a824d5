import { checkManifest, type ServletManifest, type ServletManifestWritten } from '@atlas/manifest'
import type { Provisioned } from './provisioned.ts'

/** A servlet as tests provision it. */
export function provisionedOf(
  name: string,
  written: ServletManifestWritten,
  changes: Partial<Provisioned> & {
    readonly routes?: readonly string[]
    readonly mounts?: readonly string[]
  } = {},
): Provisioned {
  const manifest = checkManifest('servlet', written, 'servlet.json')
  if (!manifest.ok) throw new Error(JSON.stringify(manifest.findings))
  const { routes = [`GET /${name}`], mounts = [], ...rest } = changes
  return {
    servlet: {
      name,
      owner: written.owner,
      manifest: manifest.value as ServletManifest,
      routes: routes.map((route, index) => ({ endpoint: `e${index}`, route, access: 'public' })),
      mounts: mounts.map((prefix) => ({ prefix, access: 'public' })),
    },
    team: { name: 'Web', contact: '#web', members: [] },
    release: {
      version: '1.4.0',
      image: `registry.acme.example/servlets/${name}@sha256:${'0123456789abcdef'.repeat(4)}`,
    },
    environment: {
      name: 'prod',
      domain: 'acme.example',
      prometheus: { address: 'http://prometheus.monitoring:9090', namespace: 'monitoring' },
      gateway: { service: 'LoadBalancer' },
    },
    config: {},
    ...rest,
  }
}
