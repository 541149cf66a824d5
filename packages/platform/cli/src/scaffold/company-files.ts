import { jsonText } from './json-text.ts'
import type { NewFiles } from './new-files.ts'
import { versions } from './versions.ts'

/** What a new company workspace is made of. */
export interface NewCompany {
  /** `acme` */
  readonly name: string
  /** The first team. */
  readonly team: string
}

/** Files of a company's workspace, package.json apart. */
export function companyFiles({ name, team }: NewCompany): NewFiles {
  return {
    'tsconfig.base.json': jsonText({
      compilerOptions: {
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable', 'esnext.iterator'],
        module: 'nodenext',
        moduleResolution: 'nodenext',
        types: ['node'],
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: true,
        erasableSyntaxOnly: true,
        allowImportingTsExtensions: true,
        rewriteRelativeImportExtensions: true,
        resolveJsonModule: true,
        skipLibCheck: true,
        noEmit: true,
      },
    }),
    'vitest.config.ts': `import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['**/*.test.ts'] } })
`,
    'nx.json': jsonText({
      $schema: './node_modules/nx/schemas/nx-schema.json',
      analytics: false,
      // A daemon outlives the command that started it.
      useDaemonProcess: false,
      targetDefaults: {
        types: { cache: true, inputs: ['default', '^default'] },
        test: { cache: true, inputs: ['default', '^default'] },
      },
    }),
    'README.md': `# ${name}

Servlets on Atlas, one folder each in \`packages/servlets\`; \`infra/teams.json\` says which teams own them.

\`\`\`sh
npm ci && npm start               # every servlet, at http://127.0.0.1:8080
npm test                          # atlas check, then the types and the tests of every package
npm run test:affected             # the types and the tests of what a branch changes
npx atlas new servlet file-links  # another servlet, or npx nx g @atlas/cli:servlet file-links
npx atlas routes                  # who answers what
npx atlas --help
\`\`\`

After a change of a contract: \`npx atlas interface\`, and commit the \`interface.json\` that it writes.
`,
    '.gitignore': 'node_modules/\n.nx/\n.atlas/\n',
    '.changeset/config.json': jsonText({
      $schema: 'https://unpkg.com/@changesets/config@4.0.0/schema.json',
      changelog: '@changesets/cli/changelog',
      commit: false,
      fixed: [],
      linked: [],
      access: 'restricted',
      baseBranch: 'main',
      privatePackages: { version: true, tag: true },
    }),
    'infra/teams.json': jsonText({
      $schema: '../node_modules/@atlas/manifest/schemas/teams.schema.json',
      [team]: { name: team, contact: `${team}@example.com` },
    }),
    'infra/environments/local.json': jsonText({
      $schema: '../../node_modules/@atlas/manifest/schemas/environment.schema.json',
    }),
  }
}

/** The package.json of a company's workspace: what is there stays, what is missing is added. */
export function companyPackage(existing: Readonly<Record<string, unknown>>, { name }: NewCompany): object {
  const { devDependencies, scripts, workspaces, ...rest } = existing
  return {
    ...(Object.hasOwn(existing, 'name') ? {} : { name, version: '0.0.0' }),
    ...rest,
    private: true,
    type: 'module',
    workspaces: [...new Set([...listOf(workspaces), 'packages/servlets/*', 'packages/libraries/*'])],
    // npm init writes a test script that only fails.
    scripts: { ...ownScripts, ...(scripts as object), test: testScript(scripts) },
    devDependencies: sorted(
      { ...versions, ...(existing.dependencies as object), ...(devDependencies as object) },
      existing,
    ),
  }
}

const ownScripts = {
  start: 'atlas start',
  'test:affected': 'atlas check && nx affected -t types test',
}
const ownTest = 'atlas check && nx run-many -t types test'
const placeholder = 'echo "Error: no test specified" && exit 1'

function testScript(scripts: unknown): string {
  const { test } = (scripts ?? {}) as { test?: string }
  return test === undefined || test === placeholder ? ownTest : test
}

function listOf(workspaces: unknown): readonly string[] {
  return Array.isArray(workspaces) ? (workspaces as string[]) : []
}

/** In npm's order, without what `dependencies` has already. */
function sorted(wanted: object, existing: Readonly<Record<string, unknown>>): object {
  const elsewhere = (existing.dependencies ?? {}) as object
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([name]) => !Object.hasOwn(elsewhere, name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
