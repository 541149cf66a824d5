import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { catalogOf } from '../catalog/catalog-of.ts'
import { checkImports } from '../imports/check-imports.ts'
import { readImports } from './read-imports.ts'
import { readWorkspace } from './read-workspace.ts'

const made: string[] = []

/** Writes files into a new folder; objects as JSON. */
async function folder(files: Record<string, string | object>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'atlas-manifest-'))
  made.push(root)
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))))

/** A company's own workspace: the platform is in node_modules, like any other dependency. */
const company = {
  'package.json': {
    workspaces: ['packages/servlets/*', 'packages/libraries/*'],
    devDependencies: { vitest: '^5.0.0' },
  },
  'infra/teams.json': { web: { name: 'Web', contact: '#web' } },
  'infra/environments/local.json': {},
  'infra/environments/local.lock.json': { greeter: '1.0.0@sha256:0' },
  'packages/servlets/README.md': 'not a package',
  'packages/servlets/empty/.gitkeep': '',
  'packages/servlets/greeter/package.json': {
    name: '@acme/greeter',
    version: '1.0.0',
    exports: { './contract': './src/contract.ts' },
    dependencies: { '@atlas/contract': '^0.1.0', '@atlas/sdk': '^0.1.0' },
    peerDependencies: { zod: '^4.0.0' },
  },
  'packages/servlets/greeter/servlet.json': { owner: 'web' },
  'packages/servlets/greeter/interface.json': {
    name: 'greeter',
    endpoints: { greet: { route: 'GET /greet/{name}' } },
  },
  'packages/servlets/greeter/src/contract.ts': `import { contract } from '@atlas/contract'\nimport * as z from 'zod'`,
  'packages/servlets/greeter/src/servlet.ts': `import { greeter } from './contract.ts'\nimport '@atlas/runtime'`,
  'packages/servlets/greeter/node_modules/x/index.ts': `import 'nothing'`,
  'packages/servlets/greeter/dist/index.js': `import 'nothing'`,
  'packages/servlets/greeter/template/package.json': {},
  'packages/servlets/greeter/template/index.ts': `import 'nothing'`,
  'packages/libraries/dates/package.json': { name: '@acme/dates', version: '0.1.0', nx: { tags: ['row:9'] } },
  'packages/libraries/dates/library.json': { owner: 'web' },
}

describe('reading a workspace', () => {
  it('finds packages, environments without locks, and teams', async () => {
    const workspace = await readWorkspace(await folder(company))
    expect(workspace.findings).toEqual([])
    expect(workspace.packages.map(({ dir, kind, version }) => `${dir} ${kind} ${version}`)).toEqual([
      'packages/libraries/dates library 0.1.0',
      'packages/servlets/greeter servlet 1.0.0',
    ])
    expect(workspace.packages[0]).toMatchObject({ tags: ['row:9'], row: 9 })
    expect(Object.keys(workspace.packages[1]!.dependencies)).toEqual(['zod', '@atlas/contract', '@atlas/sdk'])
    expect(workspace.environments.map(({ name }) => name)).toEqual(['local'])
    expect(workspace.rootDependencies).toEqual({ vitest: '^5.0.0' })
    const { catalog, findings } = catalogOf(workspace)
    expect(findings).toEqual([])
    expect(catalog.servlets).toMatchObject([
      { name: 'greeter', owner: 'web', routes: [{ endpoint: 'greet' }] },
    ])
  })

  it('finds imports in the package itself, and the rules work on them', async () => {
    const root = await folder(company)
    const workspace = await readWorkspace(root)
    const files = await readImports(root, workspace.packages)
    expect(files.map(({ file }) => file)).toEqual([
      'packages/servlets/greeter/src/contract.ts',
      'packages/servlets/greeter/src/servlet.ts',
    ])
    expect(checkImports({ workspace, catalog: catalogOf(workspace).catalog, files })).toMatchObject([
      { rule: 'imports/servlet-kind', file: 'packages/servlets/greeter/src/servlet.ts', path: 'line 2' },
    ])
  })

  it('says what is wrong with what it read', async () => {
    const root = await folder({
      'package.json': {
        workspaces: { packages: ['packages/**', '!packages/servlets/skipped', '!**/node_modules/**'] },
      },
      'packages/servlets/broken/package.json': '{ "name": ',
      'packages/servlets/nameless/package.json': { version: 1 },
      'packages/servlets/bare/servlet.json': { owner: 'web' },
      'packages/servlets/skipped/package.json': '{',
      'packages/servlets/folder/servlet.json/x': '',
      'packages/servlets/folder/package.json': { name: 'folder' },
    })
    const { packages, findings } = await readWorkspace(root)
    expect(packages.map(({ name }) => name)).toEqual(['folder'])
    expect(findings.map(({ rule, file, path }) => `${rule} ${file} ${path}`)).toEqual([
      'workspace/package packages/servlets/bare/package.json ',
      'json/syntax packages/servlets/broken/package.json line 1, column 11',
      'workspace/unreadable packages/servlets/folder/servlet.json ',
      'workspace/package packages/servlets/nameless/package.json name',
      'workspace/package packages/servlets/nameless/package.json version',
    ])
  })

  it.each([
    { name: 'an empty folder', files: {} },
    { name: 'a package that is no workspace', files: { 'package.json': { name: 'x' } } },
  ])('says that $name is not a workspace', async ({ files }) => {
    const { packages, findings } = await readWorkspace(await folder(files))
    expect(packages).toEqual([])
    expect(findings).toMatchObject([
      { rule: 'workspace/root', remedy: expect.stringContaining('run this in the root of a workspace') },
    ])
  })
})

describe('this workspace', () => {
  const root = join(import.meta.dirname, '../../../../..')

  it('has teams, environments and packages that can be read', async () => {
    const workspace = await readWorkspace(root)
    const own = workspace.packages.find(({ name }) => name === '@atlas/manifest')
    expect(own).toMatchObject({ kind: 'platform', row: 2 })
    const files = await readImports(root, [own!])
    expect(
      checkImports({
        workspace: { ...workspace, packages: [own!] },
        catalog: catalogOf(workspace).catalog,
        files,
      }),
    ).toEqual([])
    const data = catalogOf({ ...workspace, packages: [] })
    expect(Object.keys(data.catalog.teams)).toEqual(
      expect.arrayContaining(['identity', 'platform', 'storage', 'web']),
    )
    expect(data.catalog.environments.local).toMatchObject({ authenticator: 'identity.verify' })
  })
})
