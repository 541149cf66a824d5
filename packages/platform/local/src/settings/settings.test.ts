import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CatalogServlet, Environment } from '@atlas/manifest'
import { configVariable, secretVariable } from '@atlas/manifest/variables'
import { afterEach, describe, expect, it } from 'vitest'
import { configIn } from './config.ts'
import { secretsOf } from './secrets.ts'
import { changeSecrets, readSecrets, secretsFile } from './secrets-file.ts'
import { settingsOf } from './settings.ts'

const roots: string[] = []

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'atlas-settings-'))
  roots.push(root)
  return root
}

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true })))
})

function servlet(manifest: object): CatalogServlet {
  return {
    name: 'file-links',
    manifest: { config: {}, secrets: {}, ...manifest },
  } as unknown as CatalogServlet
}

describe('configuration', () => {
  it("is the manifest's defaults, and the environment's values before them", () => {
    const environment = {
      config: { 'file-links': { days: 7 }, other: { days: 1 } },
    } as unknown as Environment
    expect(configIn(servlet({ config: { days: 30, motd: 'hi' } }), environment)).toEqual({
      days: 7,
      motd: 'hi',
    })
    expect(configIn(servlet({ config: { days: 30 } }), undefined)).toEqual({ days: 30 })
  })

  it('is overridden by variables, read as values of the type of the default', () => {
    const config = { days: 30, motd: 'hi', open: false, tags: ['a'], limits: { a: 1 }, other: 1 }
    const variables = {
      ATLAS_CONFIG_FILE_LINKS_DAYS: '7.5',
      ATLAS_CONFIG_FILE_LINKS_MOTD: '12',
      ATLAS_CONFIG_FILE_LINKS_OPEN: 'true',
      ATLAS_CONFIG_FILE_LINKS_TAGS: '["b"]',
      ATLAS_CONFIG_FILE_LINKS_LIMITS: '{"b":2}',
    }
    expect(configIn(servlet({ config }), undefined, variables)).toEqual({
      days: 7.5,
      motd: '12',
      open: true,
      tags: ['b'],
      limits: { b: 2 },
      other: 1,
    })
  })

  it.each([
    [1, 'many', 'number'],
    [1, '', 'number'],
    [1, 'Infinity', 'number'],
    [true, 'yes', 'boolean'],
    [['a'], '{}', 'list'],
    [{ a: 1 }, '[]', 'object'],
    [{ a: 1 }, 'null', 'object'],
  ])('refuses, for a default of %j, the text %j', (value, text, type) => {
    const variables = { ATLAS_CONFIG_FILE_LINKS_DAYS: text }
    expect(() => configIn(servlet({ config: { days: value } }), undefined, variables)).toThrow(
      new RegExp(`^ATLAS_CONFIG_FILE_LINKS_DAYS is no ${type}.*correct or unset it$`),
    )
  })
})

describe('secrets', () => {
  const manifest = { secrets: { scanKey: 'API key of the scanner', salt: 'salt of tokens' } }

  it('come from variables, else from the file', () => {
    const variables = { ATLAS_SECRET_FILE_LINKS_SCAN_KEY: 'a' }
    const kept = { 'file-links': { scanKey: 'never', salt: 'b' }, other: { salt: 'c' } }
    expect(secretsOf(servlet(manifest), variables, kept)).toEqual({ scanKey: 'a', salt: 'b' })
  })

  it('that are missing are named all at once, with what they are and what to type', () => {
    expect(() => secretsOf(servlet(manifest), {})).toThrow(
      'secrets are missing; run npx atlas secret set file-links.scanKey (API key of the scanner), and npx atlas secret set file-links.salt (salt of tokens)',
    )
    expect(() => secretsOf(servlet({ secrets: { salt: 'x' } }), {}, {}, 'staging')).toThrow(
      'a secret is missing; run npx atlas secret set file-links.salt --environment staging (x)',
    )
  })

  it('are read from the file of the environment', async () => {
    const root = await newRoot()
    await changeSecrets(secretsFile(root, 'local'), () => ({ 'file-links': { scanKey: 'a', salt: 'b' } }))
    const sources = { root, environmentName: 'local', environment: undefined, variables: {} }
    expect((await settingsOf(servlet(manifest), sources)).secrets).toEqual({ scanKey: 'a', salt: 'b' })
    await expect(settingsOf(servlet(manifest), { ...sources, environmentName: 'other' })).rejects.toThrow(
      'missing',
    )
  })
})

describe('variables', () => {
  it.each([
    ['files', 'scanKey', 'FILES_SCAN_KEY'],
    ['file-links', 'maxUploadMiB', 'FILE_LINKS_MAX_UPLOAD_MIB'],
    ['a1', 'key2', 'A1_KEY2'],
  ])('of %s and %s end in %s', (owner, name, end) => {
    expect(secretVariable(owner, name)).toBe(`ATLAS_SECRET_${end}`)
    expect(configVariable(owner, name)).toBe(`ATLAS_CONFIG_${end}`)
  })
})

describe('the file of secrets', () => {
  it('is for its owner alone, whatever the umask and the file before', async () => {
    const file = secretsFile(await newRoot(), 'local')
    await changeSecrets(file, () => ({ a: { b: 'c' } }))
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await chmod(file, 0o644)
    await changeSecrets(file, (before) => ({ ...before, d: { e: 'f' } }))
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ a: { b: 'c' }, d: { e: 'f' } })
    expect(await readdir(dirname(file))).toEqual(['secrets.json'])
  })

  it('loses nothing when many change it at once', async () => {
    const file = secretsFile(await newRoot(), 'local')
    const names = Array.from({ length: 20 }, (_, n) => `s${n}`)
    await Promise.all(
      names.map((name) => changeSecrets(file, (before) => ({ ...before, [name]: { key: name } }))),
    )
    expect(Object.keys(await readSecrets(file)).sort()).toEqual([...names].sort())
  })

  it.each(['{', '[]', '{"a":1}', '{"a":{"b":1}}', '"hunter2"', '{"a":{"b":"hunter2"'])(
    'that holds %s is said to be damaged, without showing what is in it',
    async (text) => {
      const file = secretsFile(await newRoot(), 'local')
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      const error = await readSecrets(file).catch((reason: unknown) => reason)
      expect(String(error)).toMatch(/secrets\.json is damaged; remove it/)
      expect(String((error as Error).stack)).not.toContain('hunter2')
    },
  )
})
