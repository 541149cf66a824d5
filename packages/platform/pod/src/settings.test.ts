import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configOf, placesOf, secretsOf } from './settings.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-pod-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const manifest = {
  config: { quotaMiB: 10, greeting: 'hi' },
  secrets: { scanKey: 'API key of the scanner', other: 'another' },
  stores: { tree: { postgres: {} } },
}

test("the environment's file lies over the manifest's values", async () => {
  const file = join(folder, 'config.json')
  await writeFile(file, '{"quotaMiB": 20}')
  expect(await configOf(manifest, { ATLAS_CONFIG_FILE: file })).toEqual({ quotaMiB: 20, greeting: 'hi' })
})

test('a config that is no object, and one that is not where it should be, are refused with the remedy', async () => {
  const file = join(folder, 'list.json')
  await writeFile(file, '[1]')
  await expect(configOf(manifest, { ATLAS_CONFIG_FILE: file })).rejects.toThrow(/is no JSON object; write/)
  await expect(configOf(manifest, { ATLAS_CONFIG_FILE: join(folder, 'none') })).rejects.toThrow(
    /cannot be read \(ENOENT\); mount it/,
  )
})

test('secrets and stores come from variables, and every missing one is named', () => {
  expect(
    secretsOf('files', manifest, { ATLAS_SECRET_FILES_SCAN_KEY: 'a', ATLAS_SECRET_FILES_OTHER: 'b' }),
  ).toEqual({ scanKey: 'a', other: 'b' })
  expect(() => secretsOf('files', manifest, {})).toThrow(
    "files cannot start without ATLAS_SECRET_FILES_SCAN_KEY for the secret 'scanKey' and ATLAS_SECRET_FILES_OTHER for the secret 'other'; give the pod those variables",
  )
  expect(placesOf('files', manifest, { ATLAS_STORE_FILES_TREE: 'postgres://x' })).toEqual({
    tree: 'postgres://x',
  })
})
