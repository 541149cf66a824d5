import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git } from '../git/git.ts'
import { bundleServlet } from './bundle-servlet.ts'

/** Bundling is quick; the machine may be busy. */
const timeoutMs = 120_000

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'atlas-bundle-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** A workspace of one servlet, one library, and packages from npm that are plain, at home in their folder, and native. */
async function workspace(name: string): Promise<string> {
  const root = join(scratch, name)
  const files: Record<string, string> = {
    'package.json': '{"name":"w","private":true}',
    'packages/servlets/a/package.json': '{"name":"@x/a","version":"1.0.0","license":"MIT"}',
    'packages/servlets/a/servlet.json': '{"owner":"x"}',
    'packages/servlets/a/README.md': 'read me',
    'packages/servlets/a/pages/index.html': '<p>hi</p>',
    'packages/servlets/a/src/servlet.ts': `import about from '../package.json' with { type: 'json' }
import { twice } from '@x/lib'
import plain from 'plain'
import placed from 'placed'
import native from 'native'
// a comment
export default { about, twice, plain, placed, native, page: new URL('../pages/index.html', import.meta.url).href }
`,
    'packages/libraries/lib/package.json': '{"name":"@x/lib","version":"1.0.0","exports":"./src/index.ts"}',
    'packages/libraries/lib/src/index.ts': 'export const twice = (n: number): number => n * 2\n',
    'node_modules/plain/package.json': '{"name":"plain","version":"2.0.0","main":"index.js","license":"ISC"}',
    'node_modules/plain/index.js': 'module.exports = "plain"',
    'node_modules/placed/package.json':
      '{"name":"placed","version":"3.0.0","main":"index.js","dependencies":{"deep":"*"}}',
    'node_modules/placed/index.js':
      'module.exports = require("fs").readFileSync(__dirname + "/data.txt", "utf8") + require("deep")',
    'node_modules/placed/data.txt': 'data ',
    'node_modules/placed/node_modules/deep/package.json':
      '{"name":"deep","version":"1.0.0","main":"index.js"}',
    'node_modules/placed/node_modules/deep/index.js': 'module.exports = "old"',
    'node_modules/deep/package.json': '{"name":"deep","version":"2.0.0","main":"index.js"}',
    'node_modules/deep/index.js': 'module.exports = "new"',
    'node_modules/native/package.json':
      '{"name":"native","version":"4.0.0","main":"index.js","dependencies":{"deep":"*"}}',
    'node_modules/native/index.js': 'try { require("./it.node") } catch {}; module.exports = require("deep")',
    'node_modules/native/it.node': 'binary',
    'node_modules/@atlas/pod/package.json':
      '{"name":"@atlas/pod","version":"1.0.0","type":"module","exports":"./index.js"}',
    'node_modules/@atlas/pod/index.js':
      'export const runServlet = (servlet) => console.log(JSON.stringify({ ...servlet, twice: servlet.twice(2) }))',
  }
  for (const [file, text] of Object.entries(files)) await write(root, file, text)
  await mkdir(join(root, 'node_modules/@x'), { recursive: true })
  await symlink(join(root, 'packages/libraries/lib'), join(root, 'node_modules/@x/lib'))
  return root
}

async function write(root: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true })
  await writeFile(join(root, file), text)
}

const bundle = (root: string) => bundleServlet({ root, dir: 'packages/servlets/a' })

test(
  'bundles code, leaves beside it what needs its place, and runs',
  async () => {
    const root = await workspace('runs')
    const { files, externals, inputs, packages } = await bundle(root)
    expect(externals).toEqual({
      deep: '2.0.0',
      native: '4.0.0',
      placed: '3.0.0',
      'placed/node_modules/deep': '1.0.0',
    })
    expect([...files.keys()].filter((file) => !file.includes('node_modules'))).toEqual([
      'app/main.mjs',
      'app/package.json',
      'app/packages/servlets/a/pages/index.html',
      'app/packages/servlets/a/servlet.json',
    ])
    expect(inputs).toContain('packages/libraries/lib/src/index.ts')
    expect(inputs).toContain('node_modules/plain/index.js')
    expect(packages.map(({ name, beside }) => `${name}${beside ? ' beside' : ''}`)).toContain('placed beside')

    const out = join(root, 'out')
    for (const [file, bytes] of files) await write(out, file, Buffer.from(bytes).toString())
    const { execFileSync } = await import('node:child_process')
    const printed = execFileSync(process.execPath, [join(out, 'app/main.mjs')], {
      env: { ...process.env, ATLAS_VERSION: '7.0.0' },
    })
    const { page, ...rest } = JSON.parse(printed.toString())
    expect(rest).toEqual({
      about: { name: '@x/a', license: 'MIT', version: '7.0.0' },
      twice: 4,
      plain: 'plain',
      placed: 'data old',
      native: 'new',
    })
    expect(await readFile(new URL(page), 'utf8')).toBe('<p>hi</p>')
  },
  timeoutMs,
)

test(
  'the digest is that of what is deployed: not of places, versions, texts for people, or comments',
  async () => {
    const root = await workspace('same')
    const { digest } = await bundle(root)
    const other = join(scratch, 'elsewhere/deeper')
    await cp(root, other, { recursive: true, verbatimSymlinks: true })
    await rm(join(other, 'node_modules/@x/lib'))
    await symlink(join(other, 'packages/libraries/lib'), join(other, 'node_modules/@x/lib'))
    await write(
      other,
      'packages/servlets/a/package.json',
      '{"name":"@x/a","version":"1.2.0","license":"MIT"}',
    )
    await write(
      other,
      'packages/libraries/lib/package.json',
      '{"name":"@x/lib","version":"9.0.0","exports":"./src/index.ts"}',
    )
    await write(other, 'packages/servlets/a/CHANGELOG.md', '# 1.2.0')
    await write(other, 'packages/servlets/a/src/servlet.test.ts', 'nothing')
    const servlet = join(other, 'packages/servlets/a/src/servlet.ts')
    await writeFile(servlet, (await readFile(servlet, 'utf8')).replace('// a comment', '// another\n'))
    expect((await bundle(other)).digest).toBe(digest)
  },
  timeoutMs,
)

test.each([
  ['a library', 'packages/libraries/lib/src/index.ts', 'export const twice = (n: number): number => n + n\n'],
  ['a bundled package', 'node_modules/plain/index.js', 'module.exports = "plainer"'],
  ['a file of a package beside it', 'node_modules/placed/data.txt', 'other '],
  [
    'the version of a package beside it',
    'node_modules/native/package.json',
    '{"name":"native","version":"4.0.1","main":"index.js","dependencies":{"deep":"*"}}',
  ],
  ['a page', 'packages/servlets/a/pages/index.html', '<p>ho</p>'],
  ['the manifest', 'packages/servlets/a/servlet.json', '{"owner":"y"}'],
])(
  'the digest changes with %s',
  async (what, file, text) => {
    const root = await workspace(what)
    const { digest } = await bundle(root)
    await write(root, file, text)
    expect((await bundle(root)).digest).not.toBe(digest)
  },
  timeoutMs,
)

test(
  'what cannot be bundled is one error with the place and the remedy',
  async () => {
    const root = await workspace('wrong')
    await write(root, 'packages/servlets/a/src/servlet.ts', `import 'nowhere'\n`)
    await expect(bundle(root)).rejects.toThrow(
      /^packages\/servlets\/a cannot be bundled: packages\/servlets\/a\/src\/servlet\.ts:1: Could not resolve "nowhere"\. Correct the import, or add/,
    )
    await expect(bundleServlet({ root, dir: 'packages/servlets/none' })).rejects.toThrow(
      /packages\/servlets\/none\/servlet\.json cannot be read .*name the folder of a servlet/,
    )
  },
  timeoutMs,
)

test(
  'what git ignores is in no bundle, and does not change its digest',
  async () => {
    const root = await workspace('ignoring')
    expect((await git(root, ['init', '--quiet'])).ok).toBe(true)
    await write(root, '.gitignore', 'node_modules\nlocal.*\n')
    const before = await bundleServlet({ root, dir: 'packages/servlets/a' })
    await write(root, 'packages/servlets/a/local.json', '{ "password": "of somebody" }')
    await write(root, 'packages/servlets/a/pages/local.html', '<p>mine</p>')
    const after = await bundleServlet({ root, dir: 'packages/servlets/a' })
    expect(after.digest).toBe(before.digest)
    expect([...after.files.keys()].filter((file) => file.includes('local'))).toEqual([])
    expect(after.files.has('app/packages/servlets/a/pages/index.html')).toBe(true)
  },
  timeoutMs,
)
