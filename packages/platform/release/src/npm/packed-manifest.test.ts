import { expect, test } from 'vitest'
import { binsOf, entriesOf, packedManifest } from './packed-manifest.ts'
import type { PackageJson } from './workspace.ts'

const versions = new Map([
  ['@atlas/contract', '1.2.3'],
  ['@atlas/unversioned', ''],
])

const rewrite = (fields: Partial<PackageJson>) =>
  packedManifest({ name: 'x', version: '1.0.0', ...fields }, { versions })

test('points every entry at what is built, with types first', () => {
  expect(
    rewrite({
      exports: {
        '.': './src/index.ts',
        './testing': './src/testing/index.ts',
        './*': './src/entries/*.ts',
        './with-conditions': { types: './src/a.ts', browser: './src/b.ts', default: './src/c.ts' },
        './servlet.schema.json': './schemas/servlet.schema.json',
        './data.json': './src/data.json',
        './internal': null,
      },
      imports: { '#x': './src/x.ts' },
      bin: { x: './src/main.ts' },
      main: './src/index.ts',
      generators: './src/nx/generators.json',
      types: './src/index.ts',
    }),
  ).toMatchObject({
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './testing': { types: './dist/testing/index.d.ts', default: './dist/testing/index.js' },
      './*': { types: './dist/entries/*.d.ts', default: './dist/entries/*.js' },
      './with-conditions': { types: './dist/a.d.ts', browser: './dist/b.js', default: './dist/c.js' },
      './servlet.schema.json': './schemas/servlet.schema.json',
      './data.json': './dist/data.json',
      './internal': null,
    },
    imports: { '#x': { types: './dist/x.d.ts', default: './dist/x.js' } },
    bin: { x: './dist/main.js' },
    main: './dist/index.js',
    generators: './dist/nx/generators.json',
    types: './dist/index.d.ts',
  })
  expect(Object.keys((rewrite({ exports: './src/index.ts' }).exports ?? {}) as object)).toEqual([
    'types',
    'default',
  ])
})

test('gives dependencies on packages of the workspace their versions, and leaves others', () => {
  const packed = rewrite({
    dependencies: { '@atlas/contract': '*', zod: '^4.6.7', anything: '*' },
    peerDependencies: { '@atlas/contract': '*' },
    optionalDependencies: { '@atlas/contract': '^1.0.0' },
  })
  expect(packed.dependencies).toEqual({ '@atlas/contract': '^1.2.3', zod: '^4.6.7', anything: '*' })
  expect(packed.peerDependencies).toEqual({ '@atlas/contract': '^1.2.3' })
  expect(packed.optionalDependencies).toEqual({ '@atlas/contract': '^1.0.0' })
})

test('refuses a dependency that has no version', () => {
  expect(() => rewrite({ dependencies: { '@atlas/unversioned': '*' } })).toThrow(
    'x depends on @atlas/unversioned, which has no version',
  )
})

test('keeps only the dependencies it is told to', () => {
  const source = { name: 'x', dependencies: { zod: '1', express: '5' }, peerDependencies: { pg: '8' } }
  const packed = packedManifest(source, { versions, keepDependencies: new Set(['zod']) })
  expect(packed).toMatchObject({ dependencies: { zod: '1' } })
  expect(packed).not.toHaveProperty('peerDependencies')
})

test('drops what only the workspace needs and carries the rest', () => {
  const packed = rewrite({
    private: true,
    scripts: { test: 'vitest' },
    devDependencies: { vitest: '5' },
    nx: { tags: [] },
    description: 'd',
    sideEffects: false,
    publishConfig: { access: 'public' },
  })
  expect(packed).toEqual({
    name: 'x',
    version: '1.0.0',
    description: 'd',
    sideEffects: false,
    publishConfig: { access: 'public' },
    files: ['dist'],
    engines: { node: '>=24' },
  })
})

test('ships dist, what the package names and what it is told, each once', () => {
  const packed = packedManifest(
    { name: 'x', files: ['schemas', 'dist'] },
    { versions, files: ['servlet.json', 'schemas'] },
  )
  expect(packed.files).toEqual(['dist', 'schemas', 'servlet.json'])
})

test('says which Node it needs unless the package does', () => {
  expect(rewrite({ engines: { node: '>=26' } }).engines).toEqual({ node: '>=26' })
})

test('does not change what it is given', () => {
  const source: PackageJson = {
    name: 'x',
    exports: { '.': './src/index.ts' },
    dependencies: { '@atlas/contract': '*' },
  }
  const before = structuredClone(source)
  packedManifest(source, { versions })
  expect(source).toEqual(before)
})

test('names its entries and its executables', () => {
  const packed = rewrite({ exports: { '.': './src/index.ts', './no': null }, bin: './src/main.ts' })
  expect(entriesOf(packed)).toEqual(['dist/index.d.ts', 'dist/index.js', 'dist/main.js'])
  expect(binsOf(packed)).toEqual(['dist/main.js'])
})
