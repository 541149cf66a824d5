import { identifierOf } from './identifiers.ts'
import { jsonText, packageJsonText } from './json-text.ts'
import type { NewFiles } from './new-files.ts'

/** What a new library is made of. */
export interface NewLibrary {
  /** `json-documents` */
  readonly name: string
  /** `@acme` */
  readonly scope: string
  readonly owner: string
  readonly description?: string | undefined
  /** Who may import it besides its owner: `public`, `team:NAME`, or names of packages. */
  readonly visibility: readonly string[]
}

/** The files of a library with one function and its test. */
export function libraryFiles({ name, scope, owner, description, visibility }: NewLibrary): NewFiles {
  const id = identifierOf(name, 'Library')
  return {
    'package.json': packageJsonText({
      name: `${scope}/${name}`,
      version: '0.1.0',
      private: true,
      description,
      type: 'module',
      sideEffects: false,
      exports: { '.': './src/index.ts' },
      scripts: { test: 'vitest run --config ../../../vitest.config.ts --root .', types: 'tsc -p .' },
    }),
    'library.json': jsonText({
      $schema: '../../../node_modules/@atlas/manifest/schemas/library.schema.json',
      owner,
      visibility: visibility.length > 0 ? visibility : undefined,
    }),
    'tsconfig.json': `{ "extends": "../../../tsconfig.base.json", "include": ["src", "library.json"] }\n`,
    'src/index.ts': `export { ${id} } from './${name}.ts'\n`,
    [`src/${name}.ts`]: `/** Says hello to somebody. */
export function ${id}(name: string): string {
  return \`Hello \${name}\`
}
`,
    [`src/${name}.test.ts`]: `import { expect, test } from 'vitest'
import { ${id} } from './${name}.ts'

test('says hello', () => {
  expect(${id}('ada')).toBe('Hello ada')
})
`,
  }
}
