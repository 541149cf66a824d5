import { contractText } from './contract-text.ts'
import { jsonText, packageJsonText } from './json-text.ts'
import type { NewFiles } from './new-files.ts'
import type { NewServlet } from './servlet-spec.ts'
import { testText } from './servlet-test-text.ts'
import { implementationText, migrations } from './servlet-text.ts'

/**
 * The files of a servlet with one endpoint that greets, and that uses its first store: enough to see it work and to
 * change.
 */
export function servletFiles(servlet: NewServlet): NewFiles {
  const { name, scope, owner, description, platform, zod, stores, config, secrets, calls, callers } = servlet
  return {
    'package.json': packageJsonText({
      name: `${scope}/${name}`,
      version: '0.1.0',
      private: true,
      description,
      type: 'module',
      sideEffects: false,
      exports: { './contract': './src/contract.ts' },
      scripts: { test: 'vitest run --config ../../../vitest.config.ts --root .', types: 'tsc -p .' },
      dependencies: {
        ...Object.fromEntries(
          calls.map((called) => [called.package, '*'] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
        '@atlas/contract': platform,
        '@atlas/sdk': platform,
        zod,
      },
    }),
    'servlet.json': jsonText({
      $schema: '../../../node_modules/@atlas/manifest/schemas/servlet.schema.json',
      owner,
      description,
      stores: ifAny(
        Object.fromEntries(Object.entries(stores).map(([store, kind]) => [store, { [kind]: {} }])),
      ),
      config: ifAny(config),
      secrets: ifAny(secrets),
      callers,
    }),
    'tsconfig.json': `{ "extends": "../../../tsconfig.base.json", "include": ["src", "servlet.json"] }\n`,
    ...migrations(servlet),
    'src/contract.ts': contractText(servlet),
    'src/servlet.ts': implementationText(servlet),
    'src/servlet.test.ts': testText(servlet),
  }
}

function ifAny<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined
}
