import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { official, versionOfPulumi } from './official.ts'

const folder = await mkdtemp(join(tmpdir(), 'atlas-official-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(path: string, text = '#!/bin/sh\n'): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text, { mode: 0o755 })
  return join(folder, path)
}

const bin = join(folder, 'bin')
const env = { PATH: bin, HOME: folder }

test('finds nothing where there is nothing, and takes no stand-in for the real one', {
  timeout: 120_000,
}, async () => {
  expect(await official(env)).toEqual([])
  const standIn = '#!/bin/sh\n# A stand-in by tools/pulumi-kubernetes.\n'
  await file('.pulumi/versions/1.0.0/bin/pulumi')
  await file('.pulumi/versions/1.0.0/bin/pulumi.stand-in', standIn)
  await file('.pulumi/versions/1.0.0/bin/pulumi-language-nodejs', standIn)
  await file('.pulumi/plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes', standIn)
  await file('node_modules/.bin/pulumi')
  expect(await official({ ...env, PATH: `${bin}:${folder}/node_modules/.bin` })).toEqual([])
})

test('finds the command with its plugins, kubectl and a cluster', { timeout: 120_000 }, async () => {
  const pulumi = await file('bin/pulumi', '#!/bin/sh\necho v3.255.0\n')
  const host = await file('bin/pulumi-language-nodejs')
  const provider = await file('.pulumi/plugins/resource-kubernetes-v4.35.0/pulumi-resource-kubernetes')
  const kubectl = await file('bin/kubectl')
  const config = await file('.kube/config', 'apiVersion: v1\nkind: Config\ncurrent-context: prod-eu\n')
  expect(await official(env)).toEqual([
    { name: 'pulumi', where: pulumi },
    { name: 'kubernetes provider', where: provider },
    { name: 'node language host', where: host },
    { name: 'kubectl', where: kubectl },
    { name: 'cluster', where: `prod-eu (${config})` },
  ])
  expect(await versionOfPulumi(pulumi)).toBe('3.255.0')
  expect(await versionOfPulumi(kubectl)).toBeUndefined()
})

test('goes by KUBECONFIG, and takes a provider on PATH first, as the engine does', {
  timeout: 120_000,
}, async () => {
  const own = await file('own.json', '{ "kind": "Config", "current-context": "test" }')
  const provider = await file('bin/pulumi-resource-kubernetes')
  const found = await official({ ...env, KUBECONFIG: `${folder}/not-there:${own}` })
  expect(found.find(({ name }) => name === 'cluster')?.where).toBe(`test (${own})`)
  expect(found.find(({ name }) => name === 'kubernetes provider')?.where).toBe(provider)
  const none = await file('none.yaml', 'kind: Config\ncurrent-context: ""\n')
  expect(
    (await official({ ...env, KUBECONFIG: none })).find(({ name }) => name === 'cluster'),
  ).toBeUndefined()
})
