import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { find, toolsNamed } from '@atlas/tools-toolchain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provisionedOf } from './fixtures.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { objectsOf } from './objects-of.ts'
import { platformObjectsOf } from './platform/platform-objects-of.ts'

// Every object is held against its kind, by the code of the API server and the kinds of the projects that have them, without a server.

/** Where the kinds of others are, as they give them out, in the tools that the toolchain keeps. */
const kindsOf = {
  'envoy-gateway': [
    'share/charts/gateway-helm/charts/crds/crds',
    'share/charts/gateway-helm/charts/crds/crds/generated',
  ],
  flagger: ['share/flagger'],
  keda: ['share/config/crd/bases'],
  'prometheus-operator': ['share'],
}
const found = await Promise.all(
  toolsNamed(['kubectl-validate', ...Object.keys(kindsOf)]).map((tool) => find(tool)),
)
const missing = found.some((tool) => tool?.folder === undefined)
const skipped = missing
  ? ` (skipped: npm run toolchain -- build kubectl-validate ${Object.keys(kindsOf).join(' ')})`
  : ''

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinds-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What is wrong with objects: `kind/name: what`. */
async function wrongWith(objects: readonly KubernetesObject[]): Promise<string[]> {
  const files = await Promise.all(
    objects.map(async (object, index) => {
      const file = join(folder, `${crypto.randomUUID()}-${index}.json`)
      await writeFile(file, JSON.stringify(object))
      return file
    }),
  )
  const folders = found.flatMap((tool) =>
    (kindsOf[tool!.tool.name as keyof typeof kindsOf] ?? []).map((path) => join(tool!.folder!, path)),
  )
  const program = found.find((tool) => tool!.tool.name === 'kubectl-validate')!.binaries['kubectl-validate']!
  const run = promisify(execFile)(
    program,
    [...files, '--version', '1.32', '--local-crds', folders.join(','), '--output', 'json'],
    // It would ask a cluster, and the network for what it does not have.
    {
      env: { KUBECONFIG: '/dev/null', HOME: dirname(folder), HTTPS_PROXY: 'http://127.0.0.1:9' },
      maxBuffer: 1 << 26,
    },
  )
  const text = await run.then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      if (!stdout.startsWith('{')) throw new Error(stderr)
      // After the answer it says how it is used.
      return stdout.slice(0, stdout.lastIndexOf('\n}') + 2)
    },
  )
  const answers = JSON.parse(text) as Record<string, { status: string; message?: string }[]>
  return files.flatMap((file, index) => {
    const { kind, metadata } = objects[index]!
    const answer = answers[file]
    if (!answer) throw new Error(`nothing is said of ${kind}/${metadata.name}:\n${text}`)
    return answer
      .filter(({ status }) => status !== 'Success')
      .map(({ message }) => `${kind}/${metadata.name}: ${message}`)
  })
}

const judged = provisionedOf('greeter', { owner: 'web' }, { routes: ['GET /greet/{name}'], mounts: ['/ui'] })
const full = provisionedOf(
  'files',
  {
    owner: 'storage',
    stores: { tree: { postgres: {} }, content: { blobs: {} } },
    secrets: { scanKey: 'API key of the virus scanner' },
    limits: { cpu: '1.5', memory: '1Gi', replicas: { min: 3, max: 12 } },
    rollout: { canary: false },
  },
  { config: { maxUploadMiB: 500 } },
)
const secure = { ...judged.environment, gateway: { service: 'LoadBalancer', certificate: 'acme' } } as const

describe.skipIf(missing)(`objects, held against their kinds${skipped}`, { timeout: 300_000 }, () => {
  it.each([
    ['a judged servlet', objectsOf(judged)],
    ['a servlet that is not judged, with stores and secrets', objectsOf(full)],
    ['a platform', platformObjectsOf(judged.environment)],
    ['a platform with a certificate', platformObjectsOf(secure)],
  ])('fit, those of %s', async (_, objects) => {
    expect(await wrongWith(objects)).toEqual([])
  })

  it('would not fit with a field that there is not, of another type, or left out', async () => {
    const objects = objectsOf(judged)
    const one = (kind: string): any => structuredClone(objects.find((each) => each.kind === kind))
    const broken = ['Deployment', 'ScaledObject', 'Canary', 'PrometheusRule', 'NetworkPolicy'].map((kind) => {
      const object = one(kind)
      object.spec.surprise = 1
      return object
    })
    const typed = one('PodDisruptionBudget')
    typed.spec.selector = 'greeter'
    const short = one('ScaledObject')
    delete short.spec.triggers
    const wrong = (await wrongWith([...broken, typed, short])).join('\n')
    for (const object of broken)
      expect(wrong).toMatch(`${object.kind}/${object.metadata.name}:  "" is invalid: spec.surprise`)
    expect(wrong).toMatch(/PodDisruptionBudget\/greeter: .*selector/)
    expect(wrong).toMatch(/ScaledObject\/greeter: .*triggers/)
  })
})
