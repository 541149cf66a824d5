import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readAddons } from './addons.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'atlas-addons-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function read(text: string) {
  await writeFile(join(root, 'keda.yaml'), text)
  return readAddons(root, { addons: { keda: 'keda.yaml' } })
}

const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: keda, namespace: keda }\n'

it('has the objects of files, in the order of the names of add-ons', async () => {
  await writeFile(join(root, 'a.yaml'), account)
  await writeFile(
    join(root, 'b.json'),
    '{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "b" } }',
  )
  const found = await readAddons(root, { addons: { keda: 'a.yaml', flagger: 'b.json' } })
  expect(found.map(({ name, objects }) => [name, objects.map(({ kind }) => kind)])).toEqual([
    ['flagger', ['Namespace']],
    ['keda', ['ServiceAccount']],
  ])
})

it('has nothing where the cluster brings everything', async () => {
  expect(await readAddons(root, { addons: {} })).toEqual([])
})

it('takes lists apart, and leaves out empty documents and tests of charts', async () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Secret, metadata: { name: certs, namespace: keda } }\n`
  const test = `apiVersion: v1\nkind: Pod\nmetadata: { name: try, annotations: { helm.sh/hook: test } }\n`
  const job = `apiVersion: batch/v1\nkind: Job\nmetadata: { name: certgen, annotations: { helm.sh/hook: pre-install } }\n`
  const [keda] = await read(`---\n# nothing\n---\n${account}---\n${list}---\n${test}---\n${job}`)
  expect(keda!.objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Secret', 'Job'])
})

it.each([
  ['kind: [', 'keda.yaml: is not YAML: '],
  ['replicas: 2', 'keda.yaml: its object 1 has no apiVersion, kind or metadata.name'],
  [`${account}---\nhello`, 'keda.yaml: its object 2 has no apiVersion'],
  [`${account}---\napiVersion: v1\nkind: List\nitems: [1]`, 'keda.yaml: its object 2 has no apiVersion'],
  ['', 'keda.yaml: has no objects; leave the add-on out'],
])('refuses %j', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})

it('says what to write where a file is missing', async () => {
  await expect(readAddons(root, { addons: { keda: 'infra/keda.yaml' } })).rejects.toThrow(
    'infra/keda.yaml: cannot be read, and addons.keda of the environment names it; write there what its project gives out, as in helm template keda CHART --include-crds > infra/keda.yaml',
  )
})
