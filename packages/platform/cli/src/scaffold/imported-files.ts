import type { ImportedServlet } from '@atlas/interface'
import { stringifyInterface } from '@atlas/interface'
import { jsonText, packageJsonText } from './json-text.ts'
import type { NewFiles } from './new-files.ts'

/** What an imported servlet needs besides what was imported. */
export interface ImportedPackage {
  readonly scope: string
  readonly owner: string
  readonly platform: string
  readonly zod: string
}

/** The files of an imported servlet: its contract, and a stub that answers as the contract says. */
export function importedFiles(
  servlet: ImportedServlet,
  { scope, owner, platform, zod }: ImportedPackage,
): NewFiles {
  const { name, document, answers, contract } = servlet
  return {
    'package.json': packageJsonText({
      name: `${scope}/${name}`,
      version: '0.1.0',
      private: true,
      type: 'module',
      sideEffects: false,
      exports: { './contract': './src/contract.ts' },
      scripts: { types: 'tsc -p .' },
      dependencies: { '@atlas/contract': platform, '@atlas/sdk': platform, zod },
    }),
    'servlet.json': jsonText({
      $schema: '../../../node_modules/@atlas/manifest/schemas/servlet.schema.json',
      owner,
    }),
    'tsconfig.json': `{ "extends": "../../../tsconfig.base.json", "include": ["src", "servlet.json"] }\n`,
    'interface.json': stringifyInterface(document),
    'src/contract.ts': contract,
    'src/stub-answers.json': jsonText(answers),
    'src/servlet.ts': stubText(servlet),
  }
}

function stubText({ id, document, answers }: ImportedServlet): string {
  let usesBytes = false
  let usesError = false
  const handlers = Object.entries(document.endpoints).map(([name, { output }]) => {
    if ('bytes' in output) {
      usesBytes = true
      const type = output.bytes.types.find((each) => !each.includes('*')) ?? 'application/octet-stream'
      return `  ${name}: async () => byteStream(new Uint8Array(), { contentType: ${JSON.stringify(type)} }),`
    }
    if (Object.hasOwn(answers, name)) return `  ${name}: async () => answers.${name} as never,`
    usesError = true
    return `  ${name}: async () => {\n    throw new AtlasError('unimplemented', 'not moved in yet')\n  },`
  })
  const names = [...(usesError ? ['AtlasError'] : []), ...(usesBytes ? ['byteStream'] : [])]
  return `${names.length > 0 ? `import { ${names.join(', ')} } from '@atlas/contract'\n` : ''}import { servlet } from '@atlas/sdk'
import { ${id} } from './contract.ts'
import answers from './stub-answers.json' with { type: 'json' }

// A stub: each answer has the shape that the contract wants, and no meaning. Replace them one by one.
export default servlet(${id}, {
${handlers.join('\n')}
})
`
}
