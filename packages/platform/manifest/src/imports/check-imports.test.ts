import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catalogOf } from '../catalog/catalog-of.ts'
import { sourceFile, type WorkspaceFixture, workspaceOf } from '../fixtures/workspace.ts'
import type { SourceFile } from '../workspace/read-imports.ts'
import { checkImports } from './check-imports.ts'

const dates = { name: '@acme/dates', dir: 'packages/libraries/dates' }
const platform = (name: string, row: number, ...dependencies: string[]) => ({
  name: `@atlas/${name}`,
  dir: `packages/platform/${name}`,
  row,
  exports: { '.': './src/index.ts', './schemas/*': './schemas/*' },
  dependencies: Object.fromEntries(dependencies.map((each) => [`@atlas/${each}`, '*'])),
})
const fixture: WorkspaceFixture = {
  servlets: {
    identity: {},
    files: {
      manifest: { owner: 'storage' },
      dependencies: {
        '@acme/identity': '*',
        '@atlas/contract': '*',
        '@atlas/sdk': '*',
        '@acme/dates': '*',
        zod: '^4.0.0',
      },
      devDependencies: { '@atlas/runtime': '*', pg: '^8.0.0' },
    },
  },
  packages: [
    { ...dates, library: { owner: 'web' }, dependencies: { '@acme/files': '*' } },
    platform('contract', 1),
    platform('client', 2, 'contract', 'sdk'),
    platform('interface', 2, 'contract', 'client'),
    platform('sdk', 3, 'contract', 'interface'),
    platform('runtime', 4, 'sdk'),
    { name: 'bench', dir: 'tools/bench' },
  ],
  rootDependencies: { vitest: '^5.0.0' },
}

function check(files: SourceFile[], changed: WorkspaceFixture = {}) {
  const workspace = workspaceOf({ ...fixture, ...changed })
  return checkImports({ workspace, catalog: catalogOf(workspace).catalog, files })
}

const inFiles = (...imports: Parameters<typeof sourceFile>[2][]) =>
  sourceFile('@acme/files', 'packages/servlets/files/src/servlet.ts', ...imports)
const inFilesTest = (...imports: Parameters<typeof sourceFile>[2][]) =>
  sourceFile('@acme/files', 'packages/servlets/files/src/servlet.test.ts', ...imports)
const inPlatform = (name: string, ...imports: Parameters<typeof sourceFile>[2][]) =>
  sourceFile(`@atlas/${name}`, `packages/platform/${name}/src/index.ts`, ...imports)

it('lets a servlet import what it is made of', () => {
  const servlet = inFiles(
    './contract.ts',
    '../servlet.json',
    '@acme/identity/contract',
    '@atlas/sdk',
    '@atlas/contract',
    'zod',
    'zod/mini',
    'node:fs',
    'path',
    '#local',
    'data:text/javascript,1',
    '@acme/files/contract',
  )
  expect(check([servlet, inFilesTest('vitest', 'pg', '@atlas/runtime', './servlet.ts')])).toEqual([])
})

describe('imports/servlet-inside', () => {
  it('refuses the inside of another servlet, by name and by path', () => {
    const file = inFiles('@acme/identity', '@acme/identity/src/sessions.ts', '../../identity/src/sessions.ts')
    const inside = { rule: 'imports/servlet-inside', file: 'packages/servlets/files/src/servlet.ts' }
    expect(check([file])).toMatchObject([
      { ...inside, path: 'line 1' },
      { ...inside, path: 'line 2' },
      { ...inside, path: 'line 3' },
    ])
    expect(check([file])[1]).toMatchObject({
      severity: 'error',
      message:
        "packages/servlets/files/src/servlet.ts:2 imports '@acme/identity/src/sessions.ts', which is inside the servlet @acme/identity; only its contract is for others",
      remedy:
        "import from '@acme/identity/contract', and ask its owner for an endpoint where the contract lacks one",
    })
  })

  it('holds for tests and types too', () => {
    const type = { specifier: '@acme/identity/src/db.ts', kind: 'type' as const }
    expect(check([inFiles(type), inFilesTest('@acme/identity')]).map(({ rule }) => rule)).toEqual([
      'imports/servlet-inside',
      'imports/servlet-inside',
    ])
  })
})

describe('imports/servlet-kind', () => {
  it('refuses what runs servlets', () => {
    expect(check([inFiles('@atlas/runtime')])).toMatchObject([
      {
        rule: 'imports/servlet-kind',
        message:
          "packages/servlets/files/src/servlet.ts:1 imports '@atlas/runtime', which runs servlets; a servlet imports only @atlas/contract and @atlas/sdk of the platform",
        remedy: 'take it from the context (ctx) of a handler, or from @atlas/sdk',
      },
    ])
  })

  it('holds for libraries, and where the platform is installed from npm', () => {
    const library = sourceFile('@acme/dates', 'packages/libraries/dates/src/index.ts', '@atlas/local')
    expect(check([library])).toMatchObject([{ rule: 'imports/servlet-kind' }])
  })

  it('lets a test run the real thing if it says so', () => {
    expect(check([inFilesTest('@atlas/runtime')])).toEqual([])
    expect(check([inFilesTest('@atlas/client')])).toMatchObject([
      {
        rule: 'imports/servlet-kind',
        remedy: 'use open() of @atlas/sdk, or add @atlas/client to devDependencies for this test',
      },
    ])
  })
})

describe('imports/row', () => {
  it('lets imports go down', () => {
    expect(check([inPlatform('runtime', '@atlas/sdk'), inPlatform('client', '@atlas/contract')])).toEqual([])
  })

  it('refuses imports up and sideways', () => {
    expect(
      check([inPlatform('client', '@atlas/sdk'), inPlatform('interface', '@atlas/client')]),
    ).toMatchObject([
      {
        rule: 'imports/row',
        file: 'packages/platform/client/src/index.ts',
        message: expect.stringContaining(
          'which is in row 3, above row 2 of @atlas/client; imports only go down',
        ),
        remedy: 'move what is needed into a package below row 2, or pass it in from above',
      },
      {
        rule: 'imports/row',
        file: 'packages/platform/interface/src/index.ts',
        message: expect.stringContaining('which is in the same row (2)'),
      },
    ])
  })

  it('puts libraries above the platform, and servlets and tools above libraries', () => {
    const library = sourceFile('@acme/dates', 'packages/libraries/dates/src/index.ts', '@acme/files/contract')
    const tool = sourceFile('bench', 'tools/bench/src/index.ts', '@acme/files/contract', '@atlas/runtime')
    const declared = fixture.packages!.map((each) =>
      each.name === 'bench' ? { ...each, dependencies: { '@acme/files': '*', '@atlas/runtime': '*' } } : each,
    )
    expect(check([library, inPlatform('sdk', '@acme/dates'), tool], { packages: declared })).toMatchObject([
      {
        rule: 'imports/row',
        message: expect.stringContaining('a servlet, from a library; imports only go down'),
      },
      { rule: 'imports/row', message: expect.stringContaining('a library, from a platform package') },
    ])
  })

  it('needs every platform package to have a row', () => {
    const packages = [{ name: '@atlas/new', dir: 'packages/platform/new' }]
    expect(check([], { packages })).toMatchObject([
      { rule: 'imports/row', file: 'packages/platform/new/package.json', path: 'nx.tags' },
    ])
  })
})

describe('imports/visibility', () => {
  const seen = (visibility: string[], owner = 'web') =>
    check([inFiles('@acme/dates')], {
      packages: [{ ...dates, library: { owner, visibility } }, platform('contract', 1), platform('sdk', 3)],
    })

  it('keeps a library to its owner', () => {
    expect(seen([])).toMatchObject([
      {
        rule: 'imports/visibility',
        message: expect.stringMatching(
          /servlet\.ts:1 imports '@acme\/dates', a library that is visible to its owner \(web\) only, and not to @acme\/files of storage$/,
        ),
        remedy: "ask web to add 'team:storage' to visibility in packages/libraries/dates/library.json",
      },
    ])
    expect(seen([], 'storage')).toEqual([])
  })

  it.each(['public', 'team:storage', '@acme/files'])('lets in whom %s means', (entry) => {
    expect(seen([entry])).toEqual([])
  })

  it.each(['team:web', '@acme/identity'])('does not let others in by %s', (entry) => {
    expect(seen([entry])).toMatchObject([{ rule: 'imports/visibility' }])
  })
})

describe('imports/deep', () => {
  it('refuses what exports do not name', () => {
    expect(check([inPlatform('sdk', '@atlas/contract/src/route.ts')])).toMatchObject([
      {
        rule: 'imports/deep',
        message:
          "packages/platform/sdk/src/index.ts:1 imports '@atlas/contract/src/route.ts', which @atlas/contract does not export",
        remedy:
          "import '@atlas/contract' or '@atlas/contract/schemas/*', or add './src/route.ts' to exports in packages/platform/contract/package.json",
      },
    ])
    expect(check([inPlatform('sdk', '@atlas/contract/schemas/x.json')])).toEqual([])
  })

  it('refuses paths that leave the package', () => {
    expect(
      check([inPlatform('sdk', '../../contract/src/route.ts', '../../../../vitest.config.ts')]),
    ).toMatchObject([
      { rule: 'imports/deep', path: 'line 1', remedy: "import from '@atlas/contract' what its exports name" },
      { rule: 'imports/deep', path: 'line 2', remedy: 'move the file into the package' },
    ])
  })
})

describe('imports/undeclared', () => {
  it('refuses what package.json does not name', () => {
    expect(
      check([inFiles('left-pad'), inPlatform('contract', { specifier: 'express', kind: 'type' })]),
    ).toMatchObject([
      {
        rule: 'imports/undeclared',
        remedy: `add "express" to dependencies in packages/platform/contract/package.json`,
      },
      {
        rule: 'imports/undeclared',
        message: expect.stringMatching(/'left-pad', which package\.json does not name$/),
      },
    ])
    expect(check([inPlatform('runtime', '@atlas/contract')])[0]?.remedy).toBe(
      `add "@atlas/contract": "*" to dependencies in packages/platform/runtime/package.json`,
    )
  })

  it('keeps devDependencies, and those of the root, to tests', () => {
    expect(check([inFiles('pg', 'vitest')])).toMatchObject([
      { message: expect.stringContaining('which is in devDependencies, from a file that is not a test') },
      { message: expect.stringContaining('which package.json does not name') },
    ])
    expect(check([inFilesTest('pg', 'vitest')])).toEqual([])
    const config = sourceFile('@acme/files', 'packages/servlets/files/vitest.config.ts', 'vitest')
    expect(check([config, sourceFile('bench', 'tools/bench/src/index.ts', 'vitest')])).toEqual([])
    const seed = sourceFile('@acme/files', 'packages/servlets/files/src/seed.ts', 'pg')
    expect(check([seed])).toEqual([])
  })
})

describe('imports/cycle', () => {
  const both: WorkspaceFixture = {
    servlets: {
      a: { dependencies: { '@acme/b': '*' } },
      b: { dependencies: { '@acme/a': '*' } },
    },
    packages: [],
  }
  const source = (name: string, file: string, ...imports: string[]) =>
    sourceFile(`@acme/${name}`, `packages/servlets/${name}/src/${file}`, ...imports)

  it('refuses contracts that import each other, through other files of theirs too', () => {
    const files = [
      source('a', 'contract.ts', './schemas.ts'),
      source('a', 'schemas.ts', '@acme/b/contract'),
      source('b', 'contract.ts', '@acme/a/contract'),
    ]
    expect(check(files, both)).toEqual([
      {
        rule: 'imports/cycle',
        severity: 'error',
        file: 'packages/servlets/a/src/schemas.ts',
        path: 'line 1',
        message:
          "packages/servlets/a/src/schemas.ts:1 imports '@acme/b/contract', which closes a cycle: @acme/a/contract -> @acme/b/contract -> @acme/a/contract",
        remedy: 'move what both sides need into a package of its own that both import',
        witness: '@acme/a/contract -> @acme/b/contract -> @acme/a/contract',
      },
    ])
  })

  it('lets a servlet use the contract of another whose contract uses its own', () => {
    const files = [
      source('a', 'contract.ts'),
      source('a', 'servlet.ts', '@acme/b/contract'),
      source('b', 'contract.ts', '@acme/a/contract'),
    ]
    expect(check(files, both)).toEqual([])
  })

  it('refuses libraries that import each other', () => {
    const library = { owner: 'web' }
    const packages = ['x', 'y'].map((name) => ({
      name,
      dir: `packages/libraries/${name}`,
      library,
      dependencies: { x: '*', y: '*' },
    }))
    const files = [
      sourceFile('x', 'packages/libraries/x/src/index.ts', 'y'),
      sourceFile('y', 'packages/libraries/y/src/index.ts', 'x'),
    ]
    expect(check(files, { packages })).toMatchObject([{ rule: 'imports/cycle', witness: 'x -> y -> x' }])
  })
})

it('says the same in whatever order files come, and never throws', () => {
  const specifier = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '@acme/identity',
      '@acme/identity/contract',
      '@atlas/runtime',
      '../../identity/x.ts',
      '@',
      '@acme',
      './',
      '..',
    ),
  )
  const files = fc.array(
    fc.tuple(fc.constantFrom('@acme/files', '@acme/identity', '@atlas/sdk', 'gone'), fc.array(specifier)),
    { maxLength: 6 },
  )
  const placed = files.map((each) =>
    each.map(([name, imports], index) =>
      sourceFile(name, `packages/servlets/files/src/${index}.ts`, ...imports),
    ),
  )
  fc.assert(
    fc.property(
      placed.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(check(shuffled)).toEqual(check(all))
      },
    ),
  )
})
