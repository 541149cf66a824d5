import { jsonText, type NewFiles } from './new-files.ts'

/** What a new servlet is made of. */
export interface NewServlet {
  /** `file-links` */
  readonly name: string
  /** `@acme` */
  readonly scope: string
  readonly owner: string
  /** The range of `@atlas/*`: `*` beside their sources, else the version installed. */
  readonly platform: string
  /** The range of zod. */
  readonly zod: string
}

/** The files of a servlet that answers `GET /<name>/{name}` with a greeting: enough to see it work and to change. */
export function servletFiles({ name, scope, owner, platform, zod }: NewServlet): NewFiles {
  const id = camelCase(name)
  return {
    'package.json': jsonText({
      name: `${scope}/${name}`,
      version: '0.1.0',
      private: true,
      type: 'module',
      sideEffects: false,
      exports: { './contract': './src/contract.ts' },
      scripts: { test: 'vitest run --config ../../../vitest.config.ts --root .', types: 'tsc -p .' },
      dependencies: { '@atlas/contract': platform, '@atlas/sdk': platform, zod },
    }),
    'servlet.json': jsonText({
      $schema: '../../../node_modules/@atlas/manifest/schemas/servlet.schema.json',
      owner,
    }),
    'tsconfig.json': `{ "extends": "../../../tsconfig.base.json", "include": ["src", "servlet.json"] }\n`,
    'src/contract.ts': `import { contract, endpoint } from '@atlas/contract'
import * as z from 'zod'

export const ${id} = contract('${name}', {
  greet: endpoint({
    route: 'GET /${name}/{name}',
    access: 'public',
    input: z.object({ name: z.string().min(1) }),
    output: z.object({ message: z.string() }),
  }),
})
`,
    'src/servlet.ts': `import { servlet } from '@atlas/sdk'
import { ${id} } from './contract.ts'

export default servlet(${id}, {
  greet: async ({ name }) => ({ message: \`Hello \${name}\` }),
})
`,
    'src/servlet.test.ts': `import { open } from '@atlas/sdk/testing'
import { expect, test } from 'vitest'
import ${id} from './servlet.ts'

test('greets', async () => {
  expect(await open(${id}).greet({ name: 'ada' })).toEqual({ message: 'Hello ada' })
})
`,
  }
}

/** `file-links` -> `fileLinks`, with a suffix where JavaScript keeps the word for itself. */
function camelCase(name: string): string {
  const id = name.replace(/-(.)/g, (_hyphen, letter: string) => letter.toUpperCase())
  return reserved.has(id) ? `${id}Servlet` : id
}

const reserved = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield contract endpoint servlet open expect test arguments eval'.split(
    ' ',
  ),
)
